// The endings: mean probability over the draws, range over the draws, and change from the file's own answer.

import { useSignal, useSignalEffect } from '@preact/signals'
import { broken, model, nameOf } from '../crisis'
import { figures, spread, trouble, unvaried } from '../live'
import { nameIn, percent, points, type EndingCard, type Model } from '../model'
import { forecastEnding } from '../score/prefill'
import { varied } from '../setting'
import { tr } from '../texts'
import { showPassage } from './drawer'
import { Payoffs, Status } from './status'
import { Moment } from './supposing'
import { Varied } from './varied'

const COLOURS = 7
const PREVIEW = tr('A preview: shifted by the change of one solve at the medians, until the draws are solved')

/** The CSS class of an ending's colour, as in the timeline's picture. */
export function colourOf(crisis: Model, ending: string): string {
  const place = crisis.endings.findIndex((one) => one.name === ending)
  return `ending-${Math.min(Math.max(place, 0), COLOURS - 1)}`
}

export function Endings() {
  const crisis = model.value
  const stale = broken.value
  return (
    <section class={`endings ${stale ? 'stale' : ''}`} aria-label={tr('Endings')} data-tour="endings">
      <div class="endings-head">
        <h2>{crisis?.title ?? (stale ? tr('Not solved yet') : tr('Solving …'))}</h2>
        <Status />
      </div>
      <Moment />
      <ul class="ending-list">
        {(crisis?.endings ?? Array.from({ length: 4 }, () => null)).map((ending, place) =>
          ending && crisis ? <Row key={ending.name} crisis={crisis} name={ending.name} /> : <li key={place} class="ending" />)}
      </ul>
      <p class="endings-foot">
        {stale ? (
          <span class="warn" role="status">
            {crisis
              ? tr('The file has mistakes: this is the last version without mistakes.')
              : tr('The file has mistakes: the endings appear once it has none.')}
          </span>
        ) : trouble.value ? (
          <span class="warn" role="status">{trouble.value}</span>
        ) : (
          <Varied />
        )}
      </p>
      <Payoffs />
      <Announced />
    </section>
  )
}

function Row({ crisis, name }: { crisis: Model; name: string }) {
  const shown = figures.value
  const p = shown?.endings[name]
  const was = unvaried.value?.endings[name]
  const band = spread.value?.endings[name]
  const means = shown?.kind === 'means'
  const behind = !means
  const called = nameIn(crisis, 'endings', name)
  const moved = varied.value > 0 && p !== undefined && was !== undefined
  return (
    <li class="ending">
      <span class={`swatch ${colourOf(crisis, name)}`} />
      <Name called={called} ending={crisis.endings.find((one) => one.name === name)} />
      <span class={`number ${means ? '' : 'preview'}`} title={means ? undefined : PREVIEW}>
        {p === undefined ? '' : means ? percent(p) : `≈ ${percent(p)}`}
      </span>
      <span class="points">
        {moved ? <>{points(p - was)}<span class="unit"> {tr('points')}</span></> : ''}
      </span>
      <Track name={colourOf(crisis, name)} p={p} was={moved ? was : undefined} low={band?.p05} high={band?.p95} behind={behind} />
      <button type="button" class="forecast" disabled={!means} onClick={() => void forecastEnding(name, p ?? 0)}
        aria-label={tr('Forecast {ending}', { ending: called })}
        title={tr('Enter a forecast of {ending} into the ledger', { ending: called })}>
        <svg viewBox="0 0 16 16" aria-hidden="true"><path d="M3.5 14.5v-13M3.5 2.5h8.5l-2 2.75 2 2.75H3.5" /></svg>
      </button>
      <span class={`range ${behind ? 'behind' : ''}`}>
        <span class="word">{band?.word ?? ''}</span>
        <span class="ends">{band ? tr('{low} to {high}', { low: percent(band.p05), high: percent(band.p95) }) : ''}</span>
        <span class="hidden-words">{band ? tr('in nine draws out of ten') : ''}</span>
      </span>
    </li>
  )
}

/** The name of an ending; if it has passages, a click shows them. */
function Name({ called, ending }: { called: string; ending: EndingCard | undefined }) {
  const title = [ending?.says, ending?.because].filter(Boolean).join('\n') || undefined
  const cite = ending?.cites[0]
  if (!ending || cite === undefined) return <span class="name" title={title}>{called}</span>
  return (
    <span class="name option">
      <button type="button" title={title} aria-label={tr('The passage for {title}', { title: called })}
        onClick={() => showPassage({ title: called, reason: ending, cite })}>
        {called}
      </button>
    </span>
  )
}

/** A line from 0 to 100 %: the band of the draws, a dot for the answer, a tick for the file's answer. */
function Track({ name, p, was, low, high, behind }: {
  name: string
  p: number | undefined
  was: number | undefined
  low: number | undefined
  high: number | undefined
  behind: boolean
}) {
  const at = (share: number): string => `${(100 * share).toFixed(2)}%`
  const title = low === undefined || high === undefined
    ? ''
    : tr('In nine draws out of ten: {low} to {high}', { low: percent(low), high: percent(high) })
  return (
    <span class="track" title={title} aria-hidden="true">
      {low !== undefined && high !== undefined && (
        <span class={`band ${name} ${behind ? 'behind' : ''}`} style={{ left: at(low), width: at(Math.max(high - low, 0.004)) }} />
      )}
      {p !== undefined && <span class={`bar ${name}`} style={{ width: at(p) }} />}
      {was !== undefined && <span class="was" style={{ left: at(was) }} />}
      {p !== undefined && <span class={`dot ${name}`} style={{ left: at(p) }} />}
    </span>
  )
}

/** For screen readers: the endings in words when the sliders rest, not at every step. */
function Announced() {
  const said = useSignal('')
  useSignalEffect(() => {
    const now = figures.value
    const was = unvaried.value
    if (now?.kind !== 'means' || !was || now.of === was.of) return
    said.value = Object.entries(now.endings)
      .map(([name, p]) => tr('{ending} {share}, {change} points', {
        ending: nameOf('endings', name), share: percent(p), change: points(p - (was.endings[name] ?? p)),
      }))
      .join('; ')
  })
  return <p class="hidden-words" role="status">{said.value}</p>
}
