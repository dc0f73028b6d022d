// Everything that can be varied: the levers, the inputs, the actors' rationality.

import { useComputed } from '@preact/signals'
import { useEffect, useState } from 'preact/hooks'
import { model, nameOf } from '../crisis'
import type { InputCard, LeverCard } from '../model'
import { levers, pull, rationality } from '../setting'
import { tr } from '../texts'
import { Input, NumberField, Reasons, showEntry } from './card'
import { WhatMatters } from './matters'
import { marked } from './places'
import { short } from './scale'
import { shownCard } from './side'
import { Slider } from './slider'

const MANY = 12
const ALL = { low: 0, high: 15 }
const USUAL = 3

export function Vary() {
  const [wanted, setWanted] = useState('')
  const crisis = model.value
  const called = shownCard.value
  useEffect(() => { if (called) setWanted('') }, [called])
  if (!crisis) return <p class="note">{tr('The sliders appear once the file is checked.')}</p>
  const matching = crisis.inputs.filter((input) => matches(input, wanted))
  const inputs = matching.filter((input) => !input.of_actor)
  const actors = matching.filter((input) => input.of_actor)
  return (
    <>
      {crisis.levers.length > 0 && (
        <section aria-labelledby="levers-heading" data-tour="levers">
          <h2 id="levers-heading">{tr('Levers')}</h2>
          <ul class="levers">
            {crisis.levers.map((lever) => <Lever key={lever.name} lever={lever} />)}
          </ul>
        </section>
      )}
      <WhatMatters />
      <section aria-labelledby="inputs-heading">
        <div class="section-head" data-tour="vary">
          <h2 id="inputs-heading">{tr('Inputs')}</h2>
          {crisis.inputs.length > MANY && (
            <input type="search" placeholder={tr('Find an input')} aria-label={tr('Find an input')} value={wanted}
              onInput={(event) => setWanted(event.currentTarget.value)} />
          )}
        </div>
        <ul class="inputs">
          {inputs.map((input) => <Input key={input.name} input={input} />)}
        </ul>
        {!matching.length && <p class="note">{tr('No input has "{wanted}" in its name or reason.', { wanted })}</p>}
      </section>
      <section aria-labelledby="rationality-heading">
        <h2 id="rationality-heading">{tr('Rationality')}</h2>
        <p class="note">
          {tr('How surely an actor takes the better option: at 3, an option that is better by 1 is chosen 95 times in 100.')}
        </p>
        <ul class="inputs">
          <OneForAll />
          {actors.map((input) => <Input key={input.name} input={input} />)}
        </ul>
      </section>
    </>
  )
}

function matches(input: InputCard, wanted: string): boolean {
  const said = wanted.trim().toLowerCase()
  return !said || [input.name, input.label, input.because ?? '', ...input.cites].some((one) => one.toLowerCase().includes(said))
}

function OneForAll() {
  const held = rationality.value
  const value = held ?? USUAL
  const free = (): void => { rationality.value = null }
  const set = (next: number): void => { rationality.value = Math.max(0, next) }
  return (
    <li class={`input ${held === null ? '' : 'held'}`}>
      <div class="input-head">
        <label class="tick">
          <input type="checkbox" checked={held !== null}
            onChange={(event) => (event.currentTarget.checked ? set(USUAL) : free())} />
          <span>{tr('One for all actors')}</span>
        </label>
        <NumberField label={tr('One rationality for all: value')} value={value} set={set} free={free} />
      </div>
      <Slider name="one-for-all" label={tr('One rationality for all actors')} value={value} scale={ALL} held={held !== null}
        set={set} free={free} />
    </li>
  )
}

function Lever({ lever }: { lever: LeverCard }) {
  const on = useComputed(() => levers.value.includes(lever.name)).value
  const here = useComputed(() => marked.value === `levers:${lever.name}`).value
  const [open, setOpen] = useState(false)
  const name = nameOf('levers', lever.name)
  return (
    <li class={`lever ${on ? 'held' : ''} ${here ? 'at-cursor' : ''}`}>
      <label class="tick">
        <input type="checkbox" role="switch" checked={on} onChange={(event) => pull(lever.name, event.currentTarget.checked)} />
        <span>{name}</span>
      </label>
      {lever.cost !== null && <span class="cost">{tr('costs {cost}', { cost: short(lever.cost) })}</span>}
      <button type="button" class="small" aria-expanded={open} aria-label={tr('About {name}', { name })} onClick={() => setOpen(!open)}>
        {open ? tr('Less') : tr('More')}
      </button>
      {open && (
        <div class="card" role="group" aria-label={tr('About {name}', { name })}>
          {lever.says && <p>{lever.says}</p>}
          {lever.does.map((line) => <p key={line}>{line}</p>)}
          <Reasons reason={lever} title={name} show={() => showEntry('levers', lever)} />
        </div>
      )}
    </li>
  )
}
