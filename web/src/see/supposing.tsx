// The moment from which everything acts: the outset, the last observed event, or what is supposed to have happened.

import { useState } from 'preact/hooks'
import { model, optionOf } from '../crisis'
import { Menu } from '../menu'
import type { Reason } from '../model'
import { ahead, now, positionOf, suppose, supposed, takeBack } from '../setting'
import { tr } from '../texts'
import { Passages } from './card'
import { factSaid } from './facts'
import { Happening } from './happening'

/** As of when the crisis is shown, above the endings; nothing if it can only be the outset. */
export function Moment() {
  const facts = Object.entries(supposed.value)
  const observed = (model.value?.observed ?? 0) > 0
  if (!observed && !facts.length) return null
  return (
    <div class="moment">
      {observed && (
        <label class="tick"
          title={tr('What was played until then stays as it was: levers and sliders act on what is still ahead')}>
          <input type="checkbox" role="switch" checked={ahead.value} disabled={facts.length > 0}
            onChange={(event) => { now.value = event.currentTarget.checked }} />
          <span>{tr('As of the last event')}</span>
        </label>
      )}
      {facts.length > 0 && (
        <ul class="supposed" aria-label={tr('Supposed')}>
          {facts.map(([position, option], place) => {
            const fact = factSaid(position, option)
            return (
              <li key={position}>
                {place ? tr('and {fact}', { fact }) : tr('Supposing {fact}', { fact })}{' '}
                <button type="button" class="small" aria-label={tr('Take back {fact}', { fact })} onClick={() => takeBack(position)}>
                  {tr('Take back')}
                </button>{' '}
                <Menu name={tr('It happened')} class="happened">
                  {(close) => (
                    <>
                      <h2>{fact}</h2>
                      <Happening position={position} option={option} done={close} />
                    </>
                  )}
                </Menu>
              </li>
            )
          })}
        </ul>
      )}
    </div>
  )
}

/** An option of a step: a click offers to suppose that it was taken, or to write into the file that it was. */
export function Option({ step, round, option, says, reason }: {
  step: string
  round: number
  option: string
  says: string | undefined
  reason: Reason | undefined
}) {
  return (
    <Menu name={optionOf(step, option)} class="option">
      {(close) => <Offer position={positionOf(step, round)} option={option} says={says} reason={reason} close={close} />}
    </Menu>
  )
}

function Offer({ position, option, says, reason, close }: {
  position: string
  option: string
  says: string | undefined
  reason: Reason | undefined
  close: () => void
}) {
  const [writing, setWriting] = useState(false)
  if (writing) return <Happening position={position} option={option} done={close} />
  const already = supposed.value[position] === option
  const change = already ? (): void => takeBack(position) : (): void => suppose(position, option)
  return (
    <>
      {says && <p>{says}</p>}
      {reason?.because && <p>{reason.because}</p>}
      {reason && <p class="card-links"><Passages reason={reason} title={factSaid(position, option)} before={close} /></p>}
      <p>
        <button type="button" onClick={() => { change(); close() }}>
          {already ? tr('Take this back') : tr('Suppose this happened')}
        </button>
      </p>
      <button type="button" onClick={() => setWriting(true)}>{tr('This happened on …')}</button>
    </>
  )
}
