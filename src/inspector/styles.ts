/**
 * The style of the inspector. The build puts the tokens of `design/tokens.css` in place of the first line, and px in place of
 * `rem`, whose size the page decides. Rules of the page apply to the host, and only what is important wins over them.
 */
export const styles = `@tokens;
:host{all:initial!important;position:fixed!important;z-index:2147483647!important;color-scheme:light dark!important;
font:var(--sj-text-s)/1.45 var(--sj-sans)!important;color:var(--sj-ink)!important;bottom:var(--sj-space-3)!important;
right:var(--sj-space-3)!important;max-width:calc(100vw - 2*var(--sj-space-3))!important}
:host([hidden]){display:none!important}
:host::backdrop{display:none!important}
:host([corner="1"]){right:auto!important;left:var(--sj-space-3)!important}
:host([corner="2"]){bottom:auto!important;top:var(--sj-space-3)!important;right:auto!important;left:var(--sj-space-3)!important}
:host([corner="3"]){bottom:auto!important;top:var(--sj-space-3)!important}
*{box-sizing:border-box}
[hidden]{display:none!important}
section,.pill{background:var(--sj-raised);border:1px solid var(--sj-edge);border-radius:var(--sj-radius);box-shadow:var(--sj-shadow)}
section{width:25rem;max-width:100%;max-height:min(38rem,calc(100vh - 2*var(--sj-space-3)));display:flex;flex-direction:column}
header{display:flex;align-items:center;gap:var(--sj-space-1);padding:var(--sj-space-1) var(--sj-space-1) var(--sj-space-1) var(--sj-space-3);
border-bottom:1px solid var(--sj-line)}
h2{font:600 var(--sj-text)/1.3 var(--sj-serif);margin:0;flex:1}
h3{font:600 var(--sj-text-s)/1.3 var(--sj-sans);margin:var(--sj-space-3) 0 var(--sj-space-1)}
.body{overflow:auto;padding:var(--sj-space-2) var(--sj-space-3) var(--sj-space-3);overscroll-behavior:contain}
dl{display:grid;grid-template-columns:auto minmax(0,1fr);gap:0 var(--sj-space-3);margin:0}
dt{color:var(--sj-soft)}
dd{margin:0;overflow-wrap:anywhere}
.mono,pre{font-family:var(--sj-mono);font-size:.75rem}
.sums{display:flex;flex-wrap:wrap;gap:var(--sj-space-1) var(--sj-space-3);margin:0 0 var(--sj-space-2);padding:0;list-style:none}
.sums li{display:flex;align-items:baseline;gap:.3em}
.sums b{font-size:var(--sj-text-l);font-weight:600;font-variant-numeric:tabular-nums}
.sums .owed{color:var(--sj-owed)}.sums .stored{color:var(--sj-stored)}.sums .dropped{color:var(--sj-dropped)}
button,input{font:inherit;color:inherit;background:var(--sj-raised);border:1px solid var(--sj-edge);border-radius:var(--sj-radius);
min-height:2.25rem;padding:0 var(--sj-space-2);margin:0}
button{cursor:pointer;color:var(--sj-sea)}
button:hover{background:var(--sj-hover)}
button[aria-pressed=true],button.sure{background:var(--sj-dropped-wash);border-color:var(--sj-dropped);color:var(--sj-dropped)}
button:disabled{color:var(--sj-soft);cursor:default}
button.granted[aria-pressed=true]{background:var(--sj-stored-wash);border-color:var(--sj-stored);color:var(--sj-stored)}
header button{border-color:transparent;min-width:2.25rem}
:focus-visible{outline:2px solid var(--sj-sea);outline-offset:2px}
.acts{display:flex;flex-wrap:wrap;align-items:center;gap:var(--sj-space-1);margin-top:var(--sj-space-2)}
form{display:flex;gap:var(--sj-space-1);margin-top:var(--sj-space-1)}
input::placeholder{color:var(--sj-soft);opacity:1}
input{flex:1;min-width:6rem;width:100%}
ol{list-style:none;margin:0;padding:0}
li.record{border-top:1px solid var(--sj-line)}
summary{display:flex;gap:var(--sj-space-2);align-items:baseline;padding:var(--sj-space-1) 0;cursor:pointer;min-height:1.75rem}
summary time,.tab{color:var(--sj-soft);font-variant-numeric:tabular-nums;white-space:nowrap}
summary .name{flex:1;min-width:0;overflow-wrap:anywhere}
.fate{border-radius:var(--sj-radius);padding:0 .4em;white-space:nowrap}
.fate.owed{background:var(--sj-owed-wash);color:var(--sj-owed)}
.fate.stored{background:var(--sj-stored-wash);color:var(--sj-stored)}
.fate.dropped{background:var(--sj-dropped-wash);color:var(--sj-dropped);white-space:normal}
pre{margin:0 0 var(--sj-space-2);padding:var(--sj-space-2);background:var(--sj-wash);overflow:auto;white-space:pre-wrap;overflow-wrap:anywhere}
.problem{border-left:3px solid var(--sj-dropped);background:var(--sj-dropped-wash);padding:var(--sj-space-1) var(--sj-space-2);margin:0 0 var(--sj-space-2)}
a{color:var(--sj-sea)}
.none{color:var(--sj-soft);margin:0}
.pill{min-height:var(--sj-touch);padding:0 var(--sj-space-3);color:var(--sj-ink)}
@media (max-width:30rem){:host,:host([corner]){left:var(--sj-space-2)!important;right:var(--sj-space-2)!important;max-width:none!important}
section{width:100%;max-height:56vh}button,input{min-height:var(--sj-touch)}.pill{float:right}}
@media (prefers-reduced-motion:no-preference){.fate{transition:background .2s}}`
