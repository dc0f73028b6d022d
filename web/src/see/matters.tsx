// Which input matters most: how far each moves an ending, between its low and its high decile. A bar leads to its card.

import { useComputed } from '@preact/signals'
import { useState } from 'preact/hooks'
import { model, nameOf, setting } from '../crisis'
import { matters, spread, type Bar } from '../live'
import { nameIn, percent, type Model } from '../model'
import { tr } from '../texts'
import { MOST_BARS, placeOn, scaleOfBars, widest } from './bars'
import { short } from './scale'
import { showCard } from './side'

export function WhatMatters() {
  const [wanted, setWanted] = useState('')
  const crisis = model.value
  const found = matters.value
  const drawn = spread.value
  const behind = useComputed(() => matters.value?.of !== setting.value).value
  if (!crisis?.inputs.length) return null
  const tornado = found?.tornado ?? {}
  const avoid = found?.avoid ?? ''
  const chosen = wanted in tornado ? wanted : avoid
  const bars = tornado[chosen] ?? []
  const means = Object.entries(drawn?.endings ?? {}).filter(([name]) => isOf(crisis, avoid, chosen, name))
  const mean = means.reduce((sum, [, band]) => sum + band.mean, 0)
  const { first, others } = widest(bars)
  const scale = scaleOfBars(bars, mean)
  return (
    <section class={`matters ${behind ? 'behind' : ''}`} aria-labelledby="matters-heading">
      <div class="section-head">
        <h2 id="matters-heading">{tr('What matters most')}</h2>
        <select aria-label={tr('Ending')} value={chosen} onChange={(event) => setWanted(event.currentTarget.value)}>
          {Object.keys(tornado).map((key) => <option key={key} value={key}>{nameIn(crisis, 'endings', key)}</option>)}
        </select>
      </div>
      <p class="note">
        {tr('How likely it is with an input at its low decile and, at the dot, at its high one, on average over all ' +
          'others. Estimated from the draws above.')}
      </p>
      <div class="bars-first" style={{ '--bars': Math.min(MOST_BARS, crisis.inputs.length) }}>
        <Bars bars={first} mean={mean} scale={scale} />
        {found && !first.length && <p class="note">{tr('No input moves it by much.')}</p>}
      </div>
      <details class={others.length ? '' : 'none'}>
        <summary>{tr('Show all {number}', { number: bars.length || '' })}</summary>
        <Bars bars={others} mean={mean} scale={scale} />
      </details>
    </section>
  )
}

/** Whether an ending is the chosen one, or belongs to the sum of those to avoid that is chosen. */
function isOf(crisis: Model, avoid: string, chosen: string, name: string): boolean {
  const several = crisis.endings.every((ending) => ending.name !== avoid)
  return chosen === name || (several && chosen === avoid && crisis.endings.some((ending) => ending.name === name && ending.avoid))
}

function Bars({ bars, mean, scale }: { bars: Bar[]; mean: number; scale: { low: number; high: number } }) {
  return (
    <ul class="bars">
      {bars.map((bar) => {
        const [left, right] = [Math.min(bar.at_low, bar.at_high), Math.max(bar.at_low, bar.at_high)]
        const name = nameOf('inputs', bar.input)
        const words = tr('{input}: {share_at_low} at {low}, {share_at_high} at {high}', {
          input: name, share_at_low: percent(bar.at_low), low: short(bar.low), share_at_high: percent(bar.at_high), high: short(bar.high),
        })
        return (
          <li key={bar.input}>
            <button type="button" class="plain" title={words} onClick={() => showCard(bar.input)}>
              <span class="bar-name">{name}</span>
              <span class="bar-track" aria-hidden="true">
                <span class="bar-span"
                  style={{ left: `${placeOn(scale, left).toFixed(2)}%`, width: `${(placeOn(scale, right) - placeOn(scale, left)).toFixed(2)}%` }} />
                <span class="bar-mean" style={{ left: `${placeOn(scale, mean).toFixed(2)}%` }} />
                <span class="bar-dot" style={{ left: `${placeOn(scale, bar.at_high).toFixed(2)}%` }} />
              </span>
              <span class="bar-ends">{percent(bar.at_low)} → {percent(bar.at_high)}</span>
            </button>
          </li>
        )
      })}
    </ul>
  )
}
