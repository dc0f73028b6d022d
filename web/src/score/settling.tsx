// One open forecast: enter its outcome and the source, or why it cannot be resolved.

import { useState } from 'preact/hooks'
import { post } from '../api'
import { percent } from '../model'
import { useAsking } from '../parts/asking'
import { Entry } from '../parts/fields'
import { Working } from '../parts/working'
import { opened, shortName } from '../runs/state'
import { part, say } from '../session'
import { tr, woven } from '../texts'
import { refreshLedger, type OpenForecast } from './ledger'

export function Settling({ forecast }: { forecast: OpenForecast }) {
  const [open, setOpen] = useState(false)
  const { id } = forecast
  return (
    <li class="card">
      <p>
        <b>{forecast.claim}</b>: {percent(forecast.probability)}
      </p>
      <p class="facts">
        <span>{tr('forecast {number}', { number: id })}</span>
        <span>{tr('made {date}', { date: forecast.made })}</span>
        <span>{tr('due {date}', { date: forecast.due })}</span>
        {forecast.run && (
          <span>
            {woven('from {run}', {
              run: (
                <button type="button" class="link" onClick={() => { opened.value = forecast.run; part.value = 'runs' }}>
                  {shortName(forecast.run)}
                </button>
              ),
            })}
          </span>
        )}
      </p>
      <button type="button" aria-expanded={open} aria-label={tr('How forecast {number} came out', { number: id })}
        onClick={() => setOpen(!open)}>
        {tr('How it came out …')}
      </button>
      {open && <Outcome id={id} correct={false} />}
    </li>
  )
}

type Answer = 'yes' | 'no' | 'void'

const ANSWERS: Record<Answer, string> = {
  yes: tr('it happened'), no: tr('it did not'), void: tr('it cannot be said (void)'),
}

export function Outcome({ id, correct }: { id: number; correct: boolean }) {
  const [answer, setAnswer] = useState<Answer>('yes')
  const [known, setKnown] = useState(new Date().toISOString().slice(0, 10))
  const [because, setBecause] = useState('')
  const asked = useAsking<unknown>()

  async function settle(event: Event): Promise<void> {
    event.preventDefault()
    const done = await asked.ask((signal) =>
      answer === 'void'
        ? post('/api/ledger/void', { id, because, correct }, signal)
        : post('/api/ledger/resolve', { id, happened: answer === 'yes', known, ...(because ? { because } : {}), correct }, signal))
    if (done === null) return
    say(tr('Forecast {number}: {outcome}.', { number: id, outcome: ANSWERS[answer] }))
    await refreshLedger()
  }
  return (
    <form class="outcome" aria-label={tr('Outcome of forecast {number}', { number: id })} onSubmit={(event) => void settle(event)}>
      <fieldset>
        <legend>{tr('How it came out')}</legend>
        {(Object.keys(ANSWERS) as Answer[]).map((each) => (
          <label key={each}>
            <input type="radio" name={`outcome-${id}-${correct ? 'c' : 'n'}`} checked={answer === each} onChange={() => setAnswer(each)} />{' '}
            {ANSWERS[each]}
          </label>
        ))}
      </fieldset>
      <div class="fields">
        {answer !== 'void' && <Entry label={tr('Known on')} kind="date" value={known} set={setKnown} required />}
        <Entry label={answer === 'void' ? tr('Why') : tr('Source')} value={because} set={setBecause} required={answer === 'void'} />
        <button type="submit" class="main" disabled={asked.since !== null}>
          {correct ? tr('Correct it') : tr('Enter the outcome')}
        </button>
      </div>
      <Working asked={asked} what={tr('Entering it')} />
    </form>
  )
}
