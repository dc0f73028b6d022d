// An input: its slider, and, when opened, a card with its distribution, reason and source.

import { useComputed } from '@preact/signals'
import { useEffect, useRef, useState } from 'preact/hooks'
import { post } from '../api'
import { file, fits, textIs } from '../crisis'
import type { InputCard, Reason } from '../model'
import { say, sayError } from '../session'
import { given, hold, release } from '../setting'
import { tr, woven } from '../texts'
import { showInFile } from '../write/editor'
import { marked, placeOf } from './places'
import { rounded, scaleOf, short } from './scale'
import { showPassage } from './drawer'
import { shownCard } from './side'
import { Slider } from './slider'

export function Input({ input }: { input: InputCard }) {
  const held = useComputed(() => given.value[input.name]).value
  const here = useComputed(() => marked.value === `inputs:${input.name}`).value
  const [open, setOpen] = useState(false)
  const place = useRef<HTMLLIElement>(null)
  useEffect(() => { if (here) place.current?.scrollIntoView({ block: 'nearest' }) }, [here])
  const called = useComputed(() => shownCard.value === input.name).value
  useEffect(() => {
    if (!called) return
    setOpen(true)
    // once it is open; at the lower end, as the endings may cover the upper one
    requestAnimationFrame(() => place.current?.scrollIntoView({ block: 'end' }))
    place.current?.querySelector<HTMLElement>('.input-name')?.focus({ preventScroll: true })
    shownCard.value = null
  }, [called])
  const scale = scaleOf(input)
  const value = held ?? input.median
  const label = input.unit ? `${input.label} (${input.unit})` : input.label
  const free = (): void => release(input.name)
  return (
    <li class={`input ${held === undefined ? '' : 'held'} ${here ? 'at-cursor' : ''}`} ref={place}>
      <div class="input-head">
        <button type="button" class="plain input-name" aria-expanded={open} onClick={() => setOpen(!open)}
          title={input.says ?? tr('{name}: its reason and source', { name: input.name })}>
          {label}
        </button>
        <span class="when-held">
          <button type="button" class="small" disabled={held === undefined || !fits.value}
            aria-label={tr('Write {input} into the file', { input: label })}
            title={tr('Write {value} into the file, in place of {distribution}', { value: short(value), distribution: input.distribution })}
            onClick={() => void writeDown(input.name, value)}>
            {tr('Write')}
          </button>
          <button type="button" class="small" disabled={held === undefined} aria-label={tr('Reset {input}', { input: label })}
            title={tr("Back to the file's own")} onClick={free}>
            ↺
          </button>
        </span>
        <NumberField label={tr('{input}: value', { input: label })} value={value} set={(next) => hold(input.name, next)} free={free} />
      </div>
      <Slider name={input.name} label={label} value={value} scale={scale} held={held !== undefined}
        quantiles={input.quantiles} density={input.density} set={(next) => hold(input.name, next)} free={free} />
      {open && <Card input={input} label={label} />}
    </li>
  )
}

export function NumberField({ label, value, set, free }: {
  label: string
  value: number
  set: (value: number) => void
  free: () => void
}) {
  return (
    <input class="value" type="number" step="any" aria-label={label} value={short(value)}
      onChange={(event) => {
        const field = event.currentTarget
        if (field.value === '') free()
        else if (Number.isFinite(field.valueAsNumber)) set(field.valueAsNumber)
        field.value = short(field.value === '' ? value : field.valueAsNumber)
      }} />
  )
}

const QUANTILES: [string, string][] = [['p05', '5 %'], ['p25', '25 %'], ['p50', tr('median')], ['p75', '75 %'], ['p95', '95 %']]

function Card({ input, label }: { input: InputCard; label: string }) {
  return (
    <div class="card" role="group" aria-label={tr('About {name}', { name: label })}>
      <p>{woven('{name} is {distribution}', { name: <code>{input.name}</code>, distribution: <code>{input.distribution}</code> })}</p>
      <dl class="quantiles">
        {QUANTILES.map(([name, heading]) => (
          <div key={name}>
            <dt>{heading}</dt>
            <dd>{short(input.quantiles[name] ?? input.median)}</dd>
          </div>
        ))}
      </dl>
      <Reasons reason={input} title={label} show={() => showEntry('inputs', input)} />
    </div>
  )
}

/** Why something is assumed, the passages that say so, and where it stands in the file. */
export function Reasons({ reason, title, show }: {
  reason: Reason
  title: string
  show: () => void
}) {
  return (
    <>
      <p>{reason.because ?? <span class="note">{tr('No reason is given.')}</span>}</p>
      <p class="card-links">
        <Passages reason={reason} title={title} />
        <button type="button" class="small" onClick={show}>{tr('Show in the file')}</button>
      </p>
    </>
  )
}

/** For each cite a button that shows its passage, after `before`; if `short`, an only cite is not named on it. */
export function Passages({ reason, title, short, before }: {
  reason: Reason
  title: string
  short?: boolean
  before?: () => void
}) {
  return (
    <>
      {reason.cites.map((cite) => {
        const only = short && reason.cites.length === 1
        const label = only ? tr('The passage') : tr('The passage: {cite}', { cite })
        const named = only ? tr('The passage for {title}', { title }) : tr('The passage: {cite} for {title}', { cite, title })
        return (
          <button key={cite} type="button" class="small" aria-label={named}
            onClick={() => { before?.(); showPassage({ title, reason, cite }) }}>
            {label}
          </button>
        )
      })}
    </>
  )
}

export function showEntry(section: string, { name, from, to }: { name: string; from?: number | null; to?: number | null }): void {
  const found = placeOf(section, name)
  if (typeof from === 'number') showInFile(from, to ?? from)
  else if (found) showInFile(found.from, found.from)
}

async function writeDown(name: string, value: number): Promise<void> {
  const opened = file.peek()
  if (!opened) return
  try {
    const { text } = await post<{ text: string }>('/api/rewrite', { path: opened.path, text: opened.text, name, value })
    if (file.peek()?.text !== opened.text) return
    release(name)
    textIs(text)
    const written = rounded(value, { low: -Infinity, high: Infinity })
    say(tr('{name} is {value} in the file now. Undo in the editor takes it back.', { name, value: written }))
  } catch (error) {
    sayError(error)
  }
}
