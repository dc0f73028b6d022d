// The timeline: its picture, and each move and chance step with its options, of which one can be supposed.

import { useEffect, useId, useRef } from 'preact/hooks'
import { model, nameOf } from '../crisis'
import { settled, settling, timelineWidth, type StepShown } from '../live'
import { inRound, nameIn, percent, type Model } from '../model'
import { Drawing } from '../parts/finding'
import { tr } from '../texts'
import { showLine } from '../write/editor'
import { varied } from '../setting'
import { Passages } from './card'
import { showWhy } from './drawer'
import { Option } from './supposing'

export function Timeline() {
  const place = useRef<HTMLDivElement>(null)
  const svg = settled.value?.timeline ?? ''
  useEffect(() => {
    const element = place.current
    if (!element) return
    const seen = new ResizeObserver(() => {
      const width = Math.min(Math.floor(element.clientWidth), 2400)
      timelineWidth.value = width >= 200 ? width : null
    })
    seen.observe(element)
    return () => seen.disconnect()
  }, [])
  useEffect(() => {
    if (place.current && settled.value) opensMoves(place.current, settled.value.moves)
  }, [svg])
  return (
    <section aria-labelledby="timeline-heading" data-tour="timeline">
      <h2 id="timeline-heading">{tr('Timeline')}</h2>
      <p class="note">
        {varied.value
          ? tr('One solve with every input at its median, except those you changed; the endings above are means over draws.')
          : tr('One solve with every input at its median; the endings above are means over draws.')}
      </p>
      <div class={`timeline-picture ${settling.value ? 'behind' : ''}`} ref={place}>
        {svg ? <Drawing svg={svg} /> : <p class="note">{tr('The timeline appears after the first solve.')}</p>}
      </div>
      <Steps heading={tr('Moves')} steps={settled.value?.moves ?? []} />
      <Steps heading={tr('Chance')} steps={settled.value?.chances ?? []} />
    </section>
  )
}

/** Links the names of moves in the picture to "why", like the list below it. */
function opensMoves(place: HTMLElement, moves: StepShown[]): void {
  const left = [...moves]
  const bold = [...place.querySelectorAll<SVGTextElement>('svg text[font-weight="600"]')]
  const groups: SVGTextElement[][] = []
  for (const text of bold) {
    const last = groups.at(-1)
    // a long name stands in two lines, one below the other
    const same = last?.[0]?.getAttribute('x') === text.getAttribute('x') && last?.[0]?.nextElementSibling === text
    if (last && same) last.push(text)
    else groups.push([text])
  }
  for (const group of groups) {
    const said = group.map((text) => text.textContent).join(' ').replace(/…$/, '')
    const number = left.findIndex((move) => said && nameOf('steps', move.step).startsWith(said))
    const move = left[number]
    if (!move) continue
    left.splice(number, 1)
    for (const text of group) {
      text.classList.add('opens')
      text.addEventListener('click', () => showWhy({ move: move.step, round: move.round }))
    }
  }
}

function Steps({ heading, steps }: { heading: string; steps: StepShown[] }) {
  const crisis = model.value
  const id = useId()
  if (!crisis || !steps.length) return null
  return (
    <>
      <h2 id={id}>{heading}</h2>
      <ul class="moves" aria-labelledby={id}>
        {steps.map((step) => <Step key={`${step.step} ${step.round}`} step={step} crisis={crisis} />)}
      </ul>
    </>
  )
}

/** A sum of shares, rounded to one if it is one up to rounding errors. */
function nearly(share: number): number {
  return share > 1 - 1e-9 ? 1 : share
}

function Step({ step, crisis }: { step: StepShown; crisis: Model }) {
  const card = [...crisis.moves, ...crisis.chances].find((one) => one.step === step.step)
  const actor = crisis.actors.find((one) => one.key === step.actor)?.name ?? step.actor ?? tr('chance')
  const name = inRound(nameIn(crisis, 'steps', step.step), step.round)
  const why = step.actor === null ? null : (): void => showWhy({ move: step.step, round: step.round })
  return (
    <li class="move">
      <div class="move-head">
        {why ? (
          <button type="button" class="plain move-name" onClick={why}><span class="hidden-words">{tr('Why:')} </span>{name}</button>
        ) : <b>{name}</b>}
        <span class="note">{tr('{actor}, reached {share}', { actor, share: percent(nearly(step.reached)) })}</span>
      </div>
      <ul class="shares" aria-label={tr('Options of {move}', { move: name })}>
        {Object.entries(step.options).map(([option, share]) => {
          const part = step.reached > 0 ? share / step.reached : 0
          return (
            <li key={option}>
              <Option step={step.step} round={step.round} option={option} says={card?.option_says[option]}
                reason={card?.option_reasons[option]} />
              <span class="share-track" aria-hidden="true"><span class="share" style={{ width: `${(100 * part).toFixed(2)}%` }} /></span>
              <span class="n">{percent(nearly(part))}</span>
            </li>
          )
        })}
      </ul>
      <p class="card-links">
        {why && (
          <button type="button" class="small" onClick={why} aria-label={tr('Why: {move}', { move: name })}>{tr('Why?')}</button>
        )}
        {card && <Passages reason={card} title={name} short />}
        {card && (
          <button type="button" class="small" aria-label={tr('Show {step} in the file', { step: name })} onClick={() => showLine(card.line)}>
            {tr('Show in the file')}
          </button>
        )}
      </p>
    </li>
  )
}
