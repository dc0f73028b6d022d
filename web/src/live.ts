// Solves the crisis while it is varied: a fast solve at every slider step, the rest when the slider rests.
//
// The page shows means over draws, `figures`. They take longer than a slider step; while the slider moves, one solve
// at the medians gives a preview: the last means, shifted by the change of that solve.
//
// At most one solve runs; meanwhile only the newest setting waits, so the last value is always solved last. After a step
// by a key, what the same key would set next is solved early, and late answers are kept: so a step by a key is mostly
// shown in the next frame.
// Times are kept in the browser's performance record: every slider step makes a mark `slider`, and, when the
// endings that answer it (or a later step) have been painted, a measure `step` from the slider's event to that paint:
// performance.getEntriesByName('step').map((entry) => entry.duration), in milliseconds.

import { batch, computed, effect, signal } from '@preact/signals'
import { keep, kept, sameText } from './answers'
import { post, Refused } from './api'
import { file, model, setting, signs, type Fault } from './crisis'
import type { Setting } from './model'
import { rounded, scaleOf } from './see/scale'
import { BARE, varied } from './setting'

export interface Solved {
  endings: Record<string, number>
  payoffs: Record<string, number>
  status: string
  converged: boolean
}

export interface StepShown {
  step: string
  round: number
  /** Null for a chance step. */
  actor: string | null
  reached: number
  options: Record<string, number>
}

export interface Settled extends Solved {
  ended: string
  residual: number | null
  rationality: Record<string, number>
  moves: StepShown[]
  chances: StepShown[]
  timeline: string
  unfolded: boolean
}

export interface Band {
  /** The mean as a word of probability. */
  word: string
  mean: number
  p05: number
  p50: number
  p95: number
}

export interface Spread {
  draws: number
  converged: number
  endings: Record<string, Band>
  payoffs: Record<string, number | null>
  measures: Record<string, number | null>
  /** The sentences on the endings, as a report leads with them. */
  lead: string[]
  /** The words of probability, with their bounds. */
  words: string
}

/** How far an input moves an ending: its mean at the input's 10 % and 90 % quantile; `low`, `high`: the input there. */
export interface Bar {
  input: string
  low: number
  high: number
  at_low: number
  at_high: number
}

/** By ending, and by the sum of those to avoid, `avoid`, if they are several; the widest bar first. */
export interface Matters {
  avoid: string
  tornado: Record<string, Bar[]>
  lead: string[]
}

/** Means over draws, and the solve at the medians of the same setting. */
interface Drawn extends Spread, Of {
  middle: Solved
}

/** What the page shows: means over draws, a preview from such means, or, before there are any, one solve at the medians. */
export interface Figures extends Of {
  kind: 'means' | 'preview' | 'medians'
  endings: Record<string, number>
  payoffs: Record<string, number | null>
}

interface Of {
  of: Setting
}

/** One solve, with every input at its median or its fixed value. */
export const solved = signal<(Solved & Of) | null>(null)
/** The timeline and the moves, solved when dragging has stopped. */
export const settled = signal<(Settled & Of) | null>(null)
export const spread = signal<Drawn | null>(null)
/** What moves the endings most, and the sentence on the best lever: found last, when the slider rests. */
export const matters = signal<(Matters & Of) | null>(null)
const bestLever = signal<({ lead: string[] } & Of) | null>(null)
/** The paragraph above the endings; `current`: whether it is about what is on the screen now. */
export const paragraph = computed(() => {
  const drawn = spread.value
  if (!drawn) return null
  const more = [matters.value, bestLever.value].flatMap((found) => (found?.of === drawn.of ? found.lead : []))
  return { sentences: [...drawn.lead, ...more], current: drawn.of === setting.value && !trouble.value }
})
/** The solve with nothing varied as of the same moment, and its draws: the reference for changes. */
const reference = signal<(Solved & Of) | null>(null)
const referenceSpread = signal<Drawn | null>(null)
export const figures = computed(() => figuresOf(solved.value, spread.value))
/** The unvaried figures as of the same moment, if comparable with `figures`: both from draws, or neither. */
export const unvaried = computed(() => {
  const found = figuresOf(reference.value, referenceSpread.value)
  const shown = figures.value
  return found && shown && alike(found.of, shown.of) && (found.kind === 'medians') === (shown.kind === 'medians') ? found : null
})
/** Why the last setting could not be solved, if it could not. */
export const trouble = signal<string | null>(null)
/** Whether the answer to the newest setting is still missing. */
export const settling = computed(() => setting.value !== null && settled.value?.of !== setting.value && !trouble.value)
/** Width of the timeline's picture, in pixels; null if it is not shown. */
export const timelineWidth = signal<number | null>(null)

export const DRAWS = 256
const REST = 250
/** A crisis whose answers take longer, in milliseconds, is not solved ahead of what is asked. */
const QUICK = 100
const client = someName()
let number = 0
let wanted: Setting | null = null
let solving = false
let resting: number | undefined
let afresh = false
let repeats = false
let begun: { at: number; number: number }[] = []

/** A slider step: `change` sets the value; `at` is the time of the event; `byKey`: the same step is likely to follow. */
export function step(at: number, change: () => void, byKey: boolean): void {
  performance.mark('slider', { startTime: at })
  repeats = byKey
  begun.push({ at, number: number + 1 })
  batch(change)
}

effect(() => {
  const asked = setting.value
  if (!asked) return
  wanted = asked
  number += 1
  const known = settled.peek()?.of
  // another text or moment: the rest waits for its endings, so that these come first
  afresh = !known || !alike(known, asked)
  window.clearTimeout(resting)
  void solve()
  if (!afresh) rest(REST)
})

// an opened file is solved while it is still being checked: most have no mistakes
let opening: string | undefined
effect(() => {
  const opened = file.value
  if (!opened || opening === opened.path) return
  opening = opened.path
  void solveEarly({ path: opened.path, text: opened.text, ...BARE })
})

/** A unique name; randomUUID is missing if the page comes over plain HTTP from another machine. */
function someName(): string {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

effect(() => {
  const width = timelineWidth.value
  const drawn = settled.peek()
  if (width !== null && drawn && !suits(drawnWidth, width)) rest(REST)
})

/** A picture is drawn anew when it would be scaled much, or could run the other way. */
function suits(drawn: number, width: number): boolean {
  return (drawn >= 1000) === (width >= 1000) && Math.abs(drawn - width) < 0.12 * drawn
}

function rest(wait: number): void {
  window.clearTimeout(resting)
  resting = window.setTimeout(() => void settle(), wait)
}

async function solve(): Promise<void> {
  if (solving) return
  solving = true
  let last = solved.peek()?.of
  while (wanted) {
    const asked: Setting = wanted
    const mine = number
    wanted = null
    try {
      const start = performance.now()
      const answer = (await kept(asked)) ?? (await keep(asked, post<Solved>('/api/solve', { ...asked, client, number: mine })))
      const next = repeats && last && performance.now() - start < QUICK ? oneMore(last, asked) : null
      last = asked
      if (asked.text === setting.peek()?.text) show(asked, answer)
      afterPaint((now) => {
        measured(mine, now)
        if (next && asked === setting.peek()) void solveEarly(next)
      })
    } catch (error) {
      begun = begun.filter((entry) => entry.number > mine)
      if (!wanted) wrong(asked, error)
    }
    if (afresh && !wanted) {
      afresh = false
      rest(0)
    }
  }
  solving = false
}

/** Solves a setting that is likely to be asked for; if it cannot be solved, that is said when it is. */
async function solveEarly(asked: Setting): Promise<void> {
  if (await kept(asked)) return
  await keep(asked, post<Solved>('/api/solve', { ...asked, client: someName(), number: 0 })).catch(() => null)
}

/** The setting after one more step like the one from `last` to `asked`; null if that was no step of one input. */
function oneMore(last: Setting, asked: Setting): Setting | null {
  const moved = Object.entries(asked.given).filter(([name, value]) => value !== last.given[name])
  const [name, value] = moved[0] ?? ['', NaN]
  const was = last.given[name]
  const input = model.peek()?.inputs.find((card) => card.name === name)
  if (!input || was === undefined || moved.length > 1 || !sameText(last, asked)) return null
  return { ...asked, given: { ...asked.given, [name]: rounded(2 * value - was, scaleOf(input)) } }
}

function show(asked: Setting, answer: Solved): void {
  batch(() => {
    solved.value = { ...answer, of: asked }
    if (bare(asked)) reference.value = solved.value
    trouble.value = null
  })
}

function wrong(asked: Setting, error: unknown): void {
  if (error instanceof Refused && error.status === 409) return
  if (asked === setting.peek()) trouble.value = error instanceof Error ? error.message : String(error)
}

function figuresOf(now: (Solved & Of) | null, drawn: Drawn | null): Figures | null {
  if (!now) return null
  const { of } = now
  if (!drawn?.converged || !alike(drawn.of, of)) {
    return { kind: 'medians', of, endings: now.endings, payoffs: now.payoffs }
  }
  const means = Object.fromEntries(Object.entries(drawn.endings).map(([name, band]) => [name, band.mean]))
  if (drawn.of === of) return { kind: 'means', of, endings: means, payoffs: drawn.payoffs }
  const endings = moved(means, drawn.middle.endings, now.endings)
  return {
    kind: 'preview', of, payoffs: moved(drawn.payoffs, drawn.middle.payoffs, now.payoffs),
    endings: Object.fromEntries(Object.entries(endings).map(([name, p]) => [name, Math.min(Math.max(p ?? 0, 0), 1)])),
  }
}

/** Means, shifted by the change of the solve at the medians. */
function moved(
  means: Record<string, number | null>, was: Record<string, number | null>, now: Record<string, number | null>,
): Record<string, number | null> {
  const difference = (name: string): number => (now[name] ?? NaN) - (was[name] ?? NaN)
  const shifted = (name: string, mean: number | null): number | null =>
    mean === null || Number.isNaN(difference(name)) ? null : mean + difference(name)
  return Object.fromEntries(Object.entries(means).map(([name, mean]) => [name, shifted(name, mean)]))
}

function bare(asked: Setting): boolean {
  return !Object.keys(asked.given).length && !asked.levers.length && asked.rationality === null
}

/** Whether two settings are of the same text and moment: they differ at most in what is varied. */
function alike(one: Setting, other: Setting): boolean {
  return sameText(one, other) && one.now === other.now && one.supposed === other.supposed
}

function measured(mine: number, now: number): void {
  for (const entry of begun) if (entry.number <= mine) performance.measure('step', { start: entry.at, end: now })
  begun = begun.filter((entry) => entry.number > mine)
}

/** Calls back when the frame with the latest change has been painted. */
function afterPaint(call: (now: number) => void): void {
  requestAnimationFrame(() => {
    const channel = new MessageChannel()
    channel.port1.onmessage = () => call(performance.now())
    channel.port2.postMessage(null)
  })
}

let drawnWidth = 0
let settleNumber = 0
/** What matters in an older setting is not wanted any longer. */
let weighing = new AbortController()

async function settle(): Promise<void> {
  const asked = setting.peek()
  if (!asked) return
  const mine = ++settleNumber
  weighing.abort()
  weighing = new AbortController()
  const width = Math.round(timelineWidth.peek() ?? 360)
  try {
    const answer = await post<Settled>('/api/settle', { ...asked, width })
    if (mine !== settleNumber) return
    drawnWidth = width
    const kept = { ...answer, of: asked }
    batch(() => {
      settled.value = kept
      if (asked === setting.peek()) {
        solved.value = kept
        trouble.value = null
      }
      if (bare(asked)) reference.value = kept
    })
    await Promise.all([draw(asked, kept, mine), compared(asked)])
    await weighed(asked, mine)
    if (mine === settleNumber) await examined(asked)
  } catch (error) {
    if (mine === settleNumber) wrong(asked, error)
  }
}

async function draw(asked: Setting, middle: Solved, mine: number): Promise<void> {
  if (spread.peek()?.of === asked) return
  const answer = await post<Spread>('/api/spread', { ...asked, draws: DRAWS })
  if (mine !== settleNumber) return
  batch(() => {
    spread.value = { ...answer, of: asked, middle }
    if (bare(asked)) referenceSpread.value = spread.value
  })
}

/** What matters over the draws of a setting, if they could be solved. */
async function weighed(asked: Setting, mine: number): Promise<void> {
  if (spread.peek()?.of !== asked || !spread.peek()?.converged) return
  if (matters.peek()?.of !== asked) {
    const found = await post<Matters>('/api/matters', { ...asked, draws: DRAWS }, weighing.signal)
    if (mine !== settleNumber) return
    matters.value = { ...found, of: asked }
  }
  if (bestLever.peek()?.of === asked || !model.peek()?.levers.length) return
  const found = await post<{ lead: string[] }>('/api/best-lever', { ...asked, draws: DRAWS }, weighing.signal)
  if (mine === settleNumber) bestLever.value = { ...found, of: asked }
}

/** Looks for signs that the crisis of a text is degenerate, once for each text. */
async function examined({ path, text }: Setting): Promise<void> {
  const known = signs.peek()
  if (known?.text === text && known.path === path) return
  const found = await post<{ faults: Fault[] }>('/api/signs', { path, text }, weighing.signal)
  signs.value = { path, text, faults: found.faults }
}

/** Solves and draws the file as it stands, where only a varied setting of it is known so far. */
async function compared(asked: Setting): Promise<void> {
  const known = referenceSpread.peek()?.of
  if (!varied.peek() || (known && alike(known, asked))) return
  const plain: Setting = { ...asked, given: {}, levers: [], rationality: null }
  const answer = await post<Solved>('/api/solve', { ...plain, client: `${client}-reference`, number: ++number })
  const draws = await post<Spread>('/api/spread', { ...plain, draws: DRAWS })
  const current = setting.peek()
  if (!current || !alike(asked, current)) return
  batch(() => {
    reference.value = { ...answer, of: plain }
    referenceSpread.value = { ...draws, of: plain, middle: answer }
  })
}

// another crisis: clear everything of the previous one
effect(() => {
  if (model.value) return
  batch(() => {
    solved.value = settled.value = spread.value = reference.value = referenceSpread.value = null
    matters.value = bestLever.value = null
    trouble.value = null
  })
})
