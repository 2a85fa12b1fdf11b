// Made by `npm run api`. A change here is a change of what applications compile against.

// sojourn: Answer, AnyEvents, Change, Consent, Event, EventData, FlushResult, JsonObject, KeyValueStore, NewEvent, Observed, Outcome, Page, PageProperties, Queries, Question, RecordFate, Session, SignInInfo, Space, Status, TrackOptions, TrackRest, Tracker, TrackerError, TrackerErrorCode, TrackerOptions, Transport, Visit, createTracker, toOutcome

// sojourn/record: Answer, Batch, BatchError, Count, Event, EventMeaning, Fact, Identity, JsonObject, Page, PageBirth, Refusal, RefusalCode, Run, Session, SessionBirth, Visit, VisitBirth, activityOf, bytesOf, eventMeanings, inOrder, isEnd, isTextAfter, libVersion, limits, makeBatch, meaningOf, pageOf, parseAnswer, parseBatch, sessionOf, systemEvents, toDuration, toEnd, toEndReason, toFact, toTrait, visitOf

// sojourn/react: SojournProvider, SojournProviderProps, useObserved, useSession, useTrack, useTracker

// sojourn/vue: createSojourn, useIdentity, useObserved, useSession, useTrack, useTracker

// sojourn/svelte: Readable, followIdentity, observed, session

// sojourn/schemas: EventsOf, SchemaIssue, SchemaResult, StandardSchema, WrongEvent, checkEvents

// sojourn/contracts: Check, Network, Reply, StoreUnderTest, storeContract, transportContract

// sojourn/plugins/campaign: CampaignOptions, campaign

// sojourn/plugins/clicks: clicks

// sojourn/plugins/downloads: DownloadOptions, downloads

// sojourn/plugins/dwell: DwellOptions, dwell

// sojourn/plugins/engagement: engagement

// sojourn/plugins/errors: errors

// sojourn/plugins/forms: forms

// sojourn/plugins/media: media

// sojourn/plugins/outbound: outbound

// sojourn/plugins/seen: seen

// sojourn/plugins/vitals: vitals

// sojourn/adapters/data-layer: DataLayerOptions, dataLayer

// sojourn/adapters/gtag: gtag

// sojourn/adapters/gwe: gwe

// sojourn/adapters/plausible: plausible

// sojourn/adapters/segment: segment

// sojourn/testing: CollectorFailure, TestClock, TestCollector, TestTracker, TestTrackerOptions, TrackerError, createTestCollector, createTestTracker, createTracker, stopTestTrackers

// sojourn/testing/jest: TrackedHow, TrackedMatchers, matchers

// sojourn/testing/playwright: CollectorFailure, LooksFor, TestCollector, TrackedHow, collect, expect, test

// sojourn/testing/vitest: TrackedHow, TrackedMatchers, matchers

// sojourn/inspector: InspectorElement, defineInspector, openInspector

export type AdapterTracker = Pick<Tracker, 'signIn' | 'signOut' | 'userInfo' | 'page' | 'track' | 'status' | 'session'>;

export interface Answer {
  readonly stored: readonly string[];
  readonly refused: readonly (readonly [id: string, code: string])[];
  readonly gone: readonly string[];
}

export type AnyEvents = {
  readonly [name: string]: object | undefined;
};

export interface Batch {
  readonly sentAt: number | null;
  readonly facts: readonly Fact[];
  readonly visits: readonly VisitBirth[];
  readonly sessions: readonly Session[];
  readonly proofs: readonly {
    session: SessionBirth;
    proof: string;
  }[];
  readonly pages: readonly {
    page: PageBirth;
    visitID: string;
    identityId: string | null;
  }[];
  readonly counts: readonly Count[];
  readonly refused: readonly Refusal[];
}

export declare class BatchError extends Error {
  readonly code: 'malformed' | 'unknown-version' | 'too-many-records';
  readonly status: 400 | 413;
  constructor(code: BatchError['code'], detail: string);
}

export interface CampaignOptions {
  readonly parameters?: readonly string[] | undefined;
}

export type Change = {
  readonly space: Space;
  readonly key: string;
  readonly value?: unknown;
  readonly from?: never;
  readonly until?: never;
} | {
  readonly space: Space;
  readonly from: string;
  readonly until: string;
  readonly key?: never;
  readonly value?: never;
};

export interface Check {
  readonly name: string;
  run(): Promise<void>;
}

export type CollectorFailure = 'offline' | 'busy' | 'lost-answer' | 'rejects';

export interface Connection {
  readonly values: KeyValueStore;
  readonly kind: 'indexeddb' | 'own';
  open(): void;
  isOpen(): boolean;
  pause(): void;
  close(): void;
  purge(isKept: boolean): Promise<void>;
  moveLegacy(otherwise: string): Promise<number>;
}

export type Consent = 'pending' | 'granted' | 'denied';

export interface Count {
  readonly visitID: string;
  readonly writer: string;
  readonly written: number;
  readonly dropped: number;
}

export interface Counts {
  made: number;
  stored: number;
  readonly dropped: Record<string, number>;
}

export interface DataLayerOptions {
  readonly identity?: string | undefined;
  readonly name?: string | undefined;
}

type DataOf<Input> = (unknown extends Input ? object : Input extends object ? Input : never) | (undefined extends Input ? undefined : Empty extends Input ? undefined : never);

type DataOfAll<Each, Name extends keyof Each> = HandlersOf<Each>[Name] extends HandlerOf<infer All> ? All : never;

type DataOfEach<Events> = {
  [Name in keyof Events]: DataOfOne<Events[Name]>;
};

type DataOfOne<Data> = [Data] extends [never] ? undefined : [Data] extends [object | null | undefined | void] ? Data | (null extends Data ? undefined : never) : Data & (object | undefined);

export interface DownloadOptions {
  readonly pattern?: RegExp | undefined;
}

export type Drainer = 'this-tab' | 'another-tab' | 'nobody';

export interface DropNote {
  readonly visit: string;
  readonly writer: string;
  readonly count: number;
}

export interface DwellOptions {
  readonly seconds?: readonly number[] | undefined;
  readonly stillSeconds?: number | undefined;
}

type Empty = {};

export interface Event {
  readonly eventID: string;
  readonly eventType: 'SYSTEM' | 'BUSINESS';
  readonly eventName: string;
  readonly category: string;
  readonly timestamp: number;
  readonly writer: string;
  readonly seq: number;
  readonly url: string;
  readonly data: JsonObject | null;
  readonly visitID: string;
  readonly sessionID: string | null;
  readonly pageID: string | null;
  readonly activity?: false;
}

export type EventData<Events, Name extends keyof Events> = NamesOf<Name>[Name] extends (name: Name) => void ? DataOfEach<Events>[Name] : DataOfAll<DataOfEach<Events>, Name>;

export interface EventMeaning {
  readonly endsSession?: true;
  readonly endsPage?: true;
  readonly tellsIdentity?: true;
}

export type EventsOf<Schemas> = {
  readonly [Name in keyof Schemas]: Schemas[Name] extends StandardSchema<infer Input> ? DataOf<Input> : never;
};

export interface Fact {
  readonly event: Event;
  readonly visit: VisitBirth;
  readonly session: SessionBirth | null;
  readonly page: PageBirth | null;
}

export interface FlushResult {
  readonly stored: number;
  readonly owed: number;
}

type HandlerOf<Data> = (data: [Data]) => void;

type HandlersOf<Each> = {
  [Name in keyof Each]: HandlerOf<Each[Name]>;
};

export interface Identity {
  readonly identityId: string;
  readonly startDate: number;
  readonly sessionID: string;
  readonly name: string;
  readonly location: string;
  readonly userAgent: string;
  readonly nameAt: number;
  readonly locationAt: number;
  readonly userAgentAt: number;
}

export interface InspectorElement extends HTMLElement {
  tracker?: Tracker | undefined;
}

export type JsonObject = {
  readonly [name: string]: unknown;
};

export interface KeyValueStore {
  keys(space: Space, after?: string, limit?: number): Promise<readonly string[]>;
  read(space: Space, keys?: readonly string[]): Promise<readonly unknown[]>;
  write(changes: readonly Change[]): Promise<void>;
  change(keys: readonly string[], decide: (values: readonly unknown[]) => readonly Change[]): Promise<void>;
}

export interface LooksFor {
  readonly timeout?: number;
}

interface MatcherState {
  readonly isNot?: boolean;
}

type NamesOf<Name extends PropertyKey> = {
  [One in Name]: (name: One) => void;
};

export type Network = (body: string) => Promise<Reply>;

export interface NewEvent {
  readonly eventName: string;
  readonly data: Readonly<Record<string, unknown>> | null;
  readonly view?: PageView;
  readonly identityId?: string;
}

export type Observed<Q extends Question> = Q extends 'status' ? Status : Q extends 'records' ? readonly RecordFate[] : Q extends 'session' | {
  readonly session: string;
} ? Session | undefined : Q extends {
  readonly events: string;
} ? readonly Event[] : Q extends {
  readonly pages: string;
} ? readonly Page[] : Q extends {
  readonly sessions: string;
} ? readonly Session[] : readonly Visit[];

export type Outcome =
{
  readonly is: 'answered';
  readonly answer: Answer;
}
 | {
  readonly is: 'later';
  readonly status: number;
  readonly retryAfterMs: number;
}
 | {
  readonly is: 'too-large';
  readonly isForeign: boolean;
}
 | {
  readonly is: 'malformed';
}
 | {
  readonly is: 'rejected';
  readonly status: number;
}
 | {
  readonly is: 'unknown';
  readonly cause: unknown;
};

export interface OwnSession extends SessionBirth {
  readonly proof?: string;
}

export interface PaceState {
  readonly requests: number;
  readonly retries: number;
  readonly failures: number;
  readonly nextAttempt: number;
  readonly lastError: string;
}

export interface Page extends PageBirth {
  readonly visitID: string;
  readonly identityId: string | null;
  readonly endDate: number;
  readonly lastActivity: number;
}

export interface PageBirth {
  readonly pageID: string;
  readonly sessionID: string | null;
  readonly url: string;
  readonly title: string;
  readonly referrer: string;
  readonly category: string;
  readonly startDate: number;
  readonly viewedAt?: number;
}

export type PageProperties = (object | {
  readonly [name: string]: unknown;
}) & {
  readonly [Fact in keyof PageView]?: string | null | undefined;
};

export interface PageView {
  readonly url: string;
  readonly title: string;
  readonly referrer: string;
  readonly category: string;
}

export type PluginTracker = Pick<Tracker, 'track'>;

export interface Queries {
  session(sessionID?: string): Promise<Session | undefined>;
  events(sessionID: string): Promise<Event[]>;
  pages(sessionID: string): Promise<Page[]>;
  sessions(visitID: string): Promise<Session[]>;
  visits(identityId: string): Promise<Visit[]>;
  records(): Promise<readonly RecordFate[]>;
}

export type Question = 'status' | 'session' | 'records' | {
  readonly session: string;
} | {
  readonly events: string;
} | {
  readonly pages: string;
} | {
  readonly sessions: string;
} | {
  readonly visits: string;
};

export interface Readable<Value> {
  subscribe(run: (value: Value) => void): () => void;
}

export interface RecordFate extends Fact {
  readonly fate: string;
}

export interface RecordingState extends PaceState {
  readonly store: StoreKind;
  readonly visitID: string | null;
  readonly sessionID: string | null;
  readonly identityId: string | null;
  readonly owed: number;
  readonly drainer: Drainer;
}

export interface Refusal {
  readonly eventID: string;
  readonly code: RefusalCode;
  readonly visitID: string | null;
}

export type RefusalCode =
  | 'event-invalid'
  | 'id-invalid'
  | 'name-invalid'
  | 'timestamp-invalid'
  | 'writer-invalid'
  | 'data-invalid'
  | 'page-invalid'
  | 'session-invalid'
  | 'visit-invalid'
  | 'too-large'
  | 'proof-invalid';

export interface Reply {
  readonly status: number;
  readonly text: string;
}

export type Run = [
  visit: string,
  session: string,
  page: string,
  writer: string,
  seq: string | number,
  ends: string | number,
  ...events: string[]
];

export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly unknown[] | undefined;
}

export interface SchemaResult {
  readonly issues?: readonly SchemaIssue[] | undefined;
}

export interface Session extends SessionBirth {
  readonly endDate: number;
  readonly duration: number;
  readonly lastActivity: number;
}

export interface SessionBirth {
  readonly sessionID: string;
  readonly identityId: string;
  readonly visitID: string;
  readonly startDate: number;
}

export type SignInInfo = (object | {
  readonly [name: string]: unknown;
}) & {
  readonly proof?: string | null | undefined;
};

export declare function SojournProvider({ options, identity, info, children }: SojournProviderProps): ReactElement;

export interface SojournProviderProps {
  readonly options: TrackerOptions;
  readonly identity?: string | number | bigint | null | undefined;
  readonly info?: SignInInfo | undefined;
  readonly children?: ReactNode;
}

export type Space = 'parcels' | 'settled' | 'state';

export interface StandardSchema<Input = unknown> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult | Promise<SchemaResult>;
    readonly types?: {
      readonly input: Input;
      readonly output: unknown;
    } | undefined;
  };
}

export interface Status extends Readonly<Counts>, Omit<RecordingState, 'store'> {
  readonly consent: Consent;
  readonly store: StoreKind | 'none';
  readonly waiting: number;
  readonly dropped: Readonly<Record<string, number>>;
  readonly errors: Readonly<Record<string, number>>;
}

export type StoreKind = 'opening' | Connection['kind'] | 'memory';

export interface StoreUnderTest {
  readonly store: KeyValueStore;
  readonly other?: KeyValueStore | undefined;
}

export interface TestClock {
  now(): number;
  advance(ms: number): Promise<void>;
}

export interface TestCollector {
  events(sessionID?: string): Event[];
  session(sessionID?: string): Session | undefined;
  sessions(visitID?: string): Session[];
  pages(sessionID?: string): Page[];
  visits(identityId?: string): Visit[];
  requests(): number;
  fail(how: CollectorFailure, times?: number): void;
  recover(): void;
  clear(): void;
  take(body: string): {
    readonly status: number;
    readonly text: string;
  } | null;
}

export interface TestTracker<Events extends object = AnyEvents> {
  readonly tracker: Tracker<Events>;
  readonly collector: TestCollector;
  readonly clock: TestClock;
  idle(): Promise<void>;
  stop(): void;
}

export type TestTrackerOptions = Partial<TrackerOptions>;

export interface TrackOptions {
  readonly activity?: boolean | undefined;
}

export type TrackRest<Events, Name extends keyof Events> = undefined extends EventData<Events, Name> ? [data?: EventData<Events, Name>, options?: TrackOptions | undefined] : [data: EventData<Events, Name>, options?: TrackOptions | undefined];

export interface TrackedHow {
  readonly times?: number | undefined;
}

export interface TrackedMatchers<R> {
  toHaveTracked(name: string, data?: object, how?: TrackedHow): R;
  toHaveSession(session?: Partial<Record<keyof Session, unknown>>): R;
  toHavePage(page?: Partial<Record<keyof Page, unknown>>): R;
}

export interface Tracker<Events extends object = AnyEvents> extends Queries {
  signIn(identityId: string | number | bigint, info?: SignInInfo): void;
  signOut(): void;
  page(properties?: PageProperties): void;
  track<Name extends keyof Events & string>(name: Name, ...rest: TrackRest<Events, Name>): void;
  properties(properties: object): () => void;
  userInfo(info: object): void;
  consent(state: Consent): void;
  forget(): Promise<void>;
  flush(): Promise<FlushResult>;
  status(): Status;
  observe<Q extends Question>(question: Q, listener: (answer: Observed<Q>) => void): () => void;
  onError(listener: (error: TrackerError) => void): () => void;
  stop(): void;
}

export declare class TrackerError extends Error {
  readonly code: TrackerErrorCode;
  readonly cause: unknown;
  constructor(code: TrackerErrorCode, cause?: unknown);
  get name(): string;
}

export type TrackerErrorCode =
  | `option-${string}`
  | 'identity-invalid'
  | 'proof-invalid'
  | 'event-unnamed'
  | 'data-invalid'
  | 'record-too-large'
  | 'record-refused'
  | 'record-dropped'
  | 'record-damaged'
  | 'session-erased'
  | 'collector-rejects'
  | 'collector-unreachable'
  | 'transport-failed'
  | 'store-failed'
  | 'consent-invalid'
  | 'hook-failed'
  | 'stopped'
  | 'unexpected';

export interface TrackerOptions {
  readonly collector: string;
  readonly key: string;
  readonly consent?: Consent | undefined;
  readonly rememberConsent?: boolean | undefined;
  readonly ignorePrivacySignals?: boolean | undefined;
  readonly automatic?: boolean | undefined;
  readonly frames?: boolean | undefined;
  readonly pageKey?: ((url: string) => string) | undefined;
  readonly url?: ((url: string) => string) | undefined;
  readonly beforeRecord?: ((event: NewEvent) => NewEvent | null) | undefined;
  readonly anonymous?: boolean | undefined;
  readonly sample?: number | undefined;
  readonly visitorDomain?: string | undefined;
  readonly history?: boolean | undefined;
  readonly idleLimitMs?: number | undefined;
  readonly sessionLimitMs?: number | undefined;
  readonly flushEveryMs?: number | undefined;
  readonly owedMaxChars?: number | undefined;
  readonly owedMaxAgeMs?: number | undefined;
  readonly debug?: boolean | undefined;
  readonly transport?: Transport | undefined;
  readonly store?: KeyValueStore | undefined;
  readonly onError?: ((error: TrackerError) => void) | undefined;
}

export interface Transport {
  send(body: string, signal: AbortSignal): Promise<Outcome>;
  copy(body: string): boolean;
  room(): number;
}

export interface Verdict {
  readonly pass: boolean;
  readonly message: () => string;
}

export interface Visit extends VisitBirth {
  readonly lastActivity: number;
}

export interface VisitBirth {
  readonly visitID: string;
  readonly globalVisitID: string;
  readonly startDate: number;
  readonly languageCode: string;
  readonly userAgent: string;
  readonly idleLimitMs?: number;
  readonly automated?: true;
}

export interface WrongEvent {
  readonly name: string;
  readonly data: object | undefined;
  readonly issues: readonly SchemaIssue[];
}

export declare const activityMs = 15000;

export declare function activityOf({ activity, timestamp }: Event, startDate: number): number;

export declare const agedMs: number;

export declare const answerMs = 300;

export declare const backoffBaseMs = 1000;

export declare const backoffMaxMs: number;

export declare const batchPauseMs = 40;

export declare const bornAt = 1767225600000;

export declare function bytesOf(text: string, limit: number): number;

export declare function campaign(tracker: PluginTracker, { parameters }?: CampaignOptions): () => void;

export declare const charsPerRow = 12;

export declare function checkEvents<Schemas extends Readonly<Record<string, StandardSchema>>>(tracker: Tracker, schemas: Schemas, onWrong?: (wrong: WrongEvent) => void): Tracker<EventsOf<Schemas>>;

export declare function clicks(tracker: PluginTracker): () => void;

export declare const clockTrustMs: number;

export declare function collect(context: BrowserContext): Promise<TestCollector>;

export declare function createSojourn(options: TrackerOptions): {
  install(app: App): void;
};

export declare function createTestCollector(): TestCollector;

export declare function createTestTracker<Events extends object = AnyEvents>(options?: TestTrackerOptions): TestTracker<Events>;

export declare function createTracker<Events extends object = AnyEvents>(options: TrackerOptions): Tracker<Events>;

export declare function createTracker<Events extends object = AnyEvents>(options: TrackerOptions): Tracker<Events>;

export declare function dataLayer(tracker: AdapterTracker, { identity, name }?: DataLayerOptions): () => void;

export declare function defineInspector(): void;

export declare function downloads(tracker: PluginTracker, { pattern }?: DownloadOptions): () => void;

export declare function dwell(tracker: PluginTracker, { seconds, stillSeconds }?: DwellOptions): () => void;

export declare function engagement(tracker: PluginTracker): () => void;

export declare function errors(tracker: PluginTracker): () => void;

export declare const eventMeanings: Readonly<Record<string, EventMeaning>>;

export declare const expect: import("@playwright/test").Expect<{
  toHaveTracked(this: ExpectMatcherState, received: unknown, name: string, data?: object, how?: TrackedHow & LooksFor): Promise<Verdict>;
  toHaveSession(this: ExpectMatcherState, received: unknown, part?: object, how?: LooksFor): Promise<Verdict>;
  toHavePage(this: ExpectMatcherState, received: unknown, part?: object, how?: LooksFor): Promise<Verdict>;
}>;

export declare const flushAtChars = 60000;

export declare const flushEveryMs = 5000;

export declare function followIdentity(tracker: Tracker, identity: Readable<string | number | bigint | null | undefined>, info?: () => SignInInfo | undefined): () => void;

export declare function forms(tracker: PluginTracker): () => void;

export declare const freeBodyRows = 50;

export declare function gtag(tracker: AdapterTracker): () => void;

export declare function gwe(tracker: AdapterTracker): () => void;

export declare const hiddenMs = 100;

export declare const idleLimitMs: number;

export declare function inOrder(a: Event, b: Event): number;

export declare function isEnd(eventName: string): boolean;

export declare function isTextAfter(one: string, other: string): boolean;

export declare const lateMs = 15000;

export declare const leaseMs: number;

export declare const libVersion = "0.1.0";

export declare const lookBackMs = 100;

export declare function makeBatch(runs: readonly Run[], sentAt: number, drops?: readonly DropNote[], latest?: PageBirth | null, open?: OwnSession | null): string;

export declare const matchers: {
  toHaveTracked(this: MatcherState | void, received: unknown, name: string, data?: unknown, how?: TrackedHow): Promise<Verdict> | Verdict;
  toHaveSession(this: MatcherState | void, received: unknown, part?: object): Promise<Verdict> | Verdict;
  toHavePage(this: MatcherState | void, received: unknown, part?: object): Promise<Verdict> | Verdict;
};

export declare const maxBatchChars: number;

export declare const maxBatchNotes = 100;

export declare const maxBatchRecords = 200;

export declare const maxBodyBytes: number;

export declare const maxBodyRecords = 1000;

export declare const maxBodyRows = 2500;

export declare const maxDataBytes: number;

export declare const maxDataDepth = 200;

export declare const maxDepth = 2;

export declare const maxEarlyChars = 30000;

export declare const maxExitBytes = 60000;

export declare const maxHeldChars = 1500000;

export declare const maxIdLength = 256;

export declare const maxIdentityLength = 512;

export declare const maxLeftChars = 1000000;

export declare const maxNameLength = 1024;

export declare const maxParcelChars = 60000;

export declare const maxParcelRecords = 200;

export declare const maxPendingCalls = 10000;

export declare const maxPendingChars: number;

export declare const maxProofLength = 2048;

export declare const maxRecordBytes: number;

export declare const maxTextLength = 8192;

export declare const maxTraitLength = 256;

export declare function meaningOf(eventName: string): EventMeaning;

export declare function media(tracker: PluginTracker): () => void;

export declare const minGzipBytes = 1024;

export declare const minLimitMs = 5000;

export declare function observed<Q extends Question>(tracker: Tracker, question: Q): Readable<Observed<Q> | undefined>;

export declare function openInspector(tracker?: Tracker): () => void;

export declare const openTimeoutMs = 3000;

export declare function outbound(tracker: PluginTracker): () => void;

export declare const owedMaxAgeMs: number;

export declare const owedMaxChars: number;

export declare function pageOf({ event, page, session, visit }: Fact): Page | null;

export declare function parseAnswer(text: string): Answer | null;

export declare function parseBatch(text: string): Batch;

export declare function plausible(tracker: AdapterTracker): () => void;

export declare const protocolVersion = 1;

export declare const requestTimeoutMs = 30000;

export declare const retryAfterMaxMs: number;

export declare function seen(tracker: PluginTracker): () => void;

export declare function segment(tracker: AdapterTracker): () => void;

export declare function session(tracker: Tracker): Readable<Session | undefined>;

export declare const sessionLimitMs: number;

export declare function sessionOf({ event, session }: Fact): Session | null;

export declare function stopTestTrackers(): void;

export declare function storeContract(make: () => StoreUnderTest | Promise<StoreUnderTest>): Check[];

export declare const storeRetryMs = 1000;

export declare const storeTimeoutMs = 10000;

export declare const systemEvents: readonly string[];

export declare const test: import("@playwright/test").TestType<import("@playwright/test").PlaywrightTestArgs & import("@playwright/test").PlaywrightTestOptions & {
  collector: TestCollector;
}, import("@playwright/test").PlaywrightWorkerArgs & import("@playwright/test").PlaywrightWorkerOptions>;

export declare function toDuration(startDate: number, endDate: number): number;

export declare function toEnd(startDate: number, at: number): number;

export declare function toEndReason({ eventName, data }: Event): string;

export declare function toFact(texts: {
  visit: string;
  session: string;
  page: string;
  event: string;
}): Fact;

export declare function toOutcome(status: number, text: string, retryAfter?: string | null, now?: number): Outcome;

export declare function toTrait(value: unknown): string;

export declare function transportContract(make: (network: Network) => Transport | Promise<Transport>): Check[];

export declare function useIdentity(identity: Ref<string | number | bigint | null | undefined> | (() => string | number | bigint | null | undefined), info?: () => SignInInfo | undefined): void;

export declare function useObserved<Q extends Question>(question: Q): Observed<Q> | undefined;

export declare function useObserved<Q extends Question>(question: Q): Readonly<Ref<Observed<Q> | undefined>>;

export declare function useSession(): Session | undefined;

export declare function useSession(): Readonly<Ref<Session | undefined>>;

export declare function useTrack<Events extends object = AnyEvents>(): Tracker<Events>['track'];

export declare function useTrack<Events extends object = AnyEvents>(): Tracker<Events>['track'];

export declare function useTracker<Events extends object = AnyEvents>(): Tracker<Events>;

export declare function useTracker<Events extends object = AnyEvents>(): Tracker<Events>;

export declare function visitOf({ event, visit }: Fact): Visit;

export declare function vitals(tracker: PluginTracker): () => void;
