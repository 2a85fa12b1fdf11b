// Says in a sentence what has happened after a switch was turned.
import { toLength, toNumber } from './words.js'

/**
 * @param seen what the demo's server says; see `look.mjs`.
 * @param has how many records of this visit the collector has; `null` if it does not answer.
 * @returns the sentence, and its mood: `idle`, `going`, `well` or `ill`.
 */
export function toOutcome(name, seen, has, now) {
  const { visit, collector } = seen
  if (!visit) return { mood: 'idle', text: 'Not tried yet.' }
  const tried = visit.tried[name]
  if (name === 'tab') return ofTabs(visit)
  if (name === 'crash' || name === 'kill') return ofGone(name, visit, has)
  if (name === 'answers') return ofAnswers(tried, visit, has)
  const isOff = name === 'collector' ? !collector.runs : visit.isOffline
  if (isOff) return ofAway(name, tried, visit, collector, now)
  if (!tried) return { mood: 'idle', text: 'Not tried yet.' }
  return ofBack(name, tried, visit)
}

function ofAway(name, tried, { made, owed, dropped }, collector, now) {
  const meanwhile = made - (tried?.made ?? made)
  const since = toLength(Math.max(0, now - (tried?.at ?? collector.since)) / 1000)
  const state = name === 'collector' ? 'Not running' : 'Offline'
  const lost = dropped - (tried?.dropped ?? dropped)
  if (!meanwhile && !lost) return { mood: 'going', text: `${state} for ${since}. Now do something in the shop.` }
  return {
    mood: lost ? 'ill' : 'going',
    text: `${state} for ${since}. ${toNumber(meanwhile, 'record')} made meanwhile, ${owed} owed, ${lost} dropped.`,
  }
}

function ofBack(name, { at, until, caughtUpAt, due, made, dropped, final }, visit) {
  const away = name === 'collector' ? 'It was down' : 'You were offline'
  const words = `${away} for ${toLength((until - at) / 1000)}, with ${toNumber(due - made, 'record')} made meanwhile.`
  const lost = visit.dropped - dropped
  if (lost) return { mood: 'ill', text: `${words} Dropped: ${lost}.` }
  if (!caughtUpAt) return { mood: 'going', text: `${words} Still owed: ${visit.owed}.` }
  const took = toLength(Math.max(1, Math.ceil((caughtUpAt - until) / 1000)))
  return { mood: 'well', text: `${words} All arrived within ${took}. The collector had ${final.has} of ${final.made}.` }
}

function ofAnswers(tried, visit, has) {
  if (!tried) return { mood: 'idle', text: 'Not tried yet.' }
  const { lostAnswers, unheard, again } = tried.final ?? visit
  const lost = lostAnswers - tried.lostAnswers
  if (!lost)
    return visit.answersToLose
      ? { mood: 'going', text: 'The next answers will be lost. Now do something in the shop.' }
      : { mood: 'idle', text: 'Not tried yet.' }
  const words = `${toNumber(lost, 'answer')} lost, for ${toNumber(unheard - tried.unheard, 'record')}.`
  if (!tried.final) {
    const known = `The collector has ${has ?? 'some'} of ${visit.made}; this browser still owes ${visit.owed}.`
    return { mood: 'going', text: `${words} ${known}` }
  }
  const copies = again - tried.again
  const arrived = copies === 1 ? '1 copy arrived' : `${copies} copies arrived`
  return {
    mood: 'well',
    text: `${words} ${arrived} again, and none counts twice. The collector had ${tried.final.has} of ${tried.final.made}.`,
  }
}

function ofTabs({ tabs, made }) {
  if (tabs < 2) return { mood: 'idle', text: 'This is the only tab of the shop.' }
  return { mood: 'well', text: `${tabs} tabs are open. They are one visit, with ${toNumber(made, 'record')} in all.` }
}

function ofGone(name, visit, has) {
  const { gone, tried } = visit
  // Both end a tab without a goodbye. What is told belongs to the one that was tried last.
  const last = (tried.kill?.at ?? 0) > Math.max(tried.crash?.at ?? 0, tried.hang?.at ?? 0) ? 'kill' : 'crash'
  if (!gone || name !== last) {
    const isArmed = name === 'kill' ? tried.kill : tried.hang
    return isArmed && name === last
      ? { mood: 'going', text: 'Not yet. Open the shop again afterwards.' }
      : { mood: 'idle', text: 'Not tried yet.' }
  }
  const which = gone.tabs === 1 ? '1 tab has gone' : `${gone.tabs} tabs have gone`
  const words = `${which} without a goodbye, having made ${toNumber(gone.made, 'record')}.`
  const left = gone.made - gone.stored
  if (left && visit.dropped) return { mood: 'ill', text: `${words} Not stored: ${left}.` }
  if (left) return { mood: 'going', text: `${words} Still owed: ${left}.` }
  return { mood: 'well', text: `${words} All of them are stored. ${toJudgement(has, visit)}` }
}

function toJudgement(has, { made }) {
  return has === null ? 'The collector does not answer now.' : `The collector has ${has} of ${made}.`
}
