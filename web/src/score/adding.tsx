// A new forecast: of an ending or choice of a run, or of any claim; with its due date and the rule that resolves it.

import { useEffect, useRef, useState } from 'preact/hooks'
import { post } from '../api'
import { percent as inPercent } from '../model'
import { useAsking } from '../parts/asking'
import { Choice, Entry, numberIn } from '../parts/fields'
import { Working } from '../parts/working'
import { nameOfRun, refresh, runs, shortName, type RunLine } from '../runs/state'
import { say } from '../session'
import { tr } from '../texts'
import { ledger, refreshLedger } from './ledger'
import { begun } from './prefill'

const CLAIM = 'claim'

export function Adding() {
  const [source, setSource] = useState(CLAIM)
  const [what, setWhat] = useState('')
  const [claim, setClaim] = useState('')
  const [percent, setPercent] = useState('')
  const [due, setDue] = useState('')
  const [rule, setRule] = useState('')
  const [base, setBase] = useState('')
  const [follows, setFollows] = useState('')
  const asked = useAsking<{ id: number }>()
  const heading = useRef<HTMLHeadingElement>(null)
  const from = begun.value

  useEffect(() => {
    if (!from) return
    if (from.kind === 'run') {
      setSource(from.run)
      setWhat(from.move ? `move:${from.move}` : `ending:${from.ending ?? ''}`)
      if (!runs.value) void refresh()
    } else {
      setSource(CLAIM)
      setClaim(from.claim)
      setPercent(String(Number((100 * from.probability).toFixed(2))))
    }
    setFollows('')
    heading.current?.focus()
  }, [from])

  const finished = (runs.value ?? []).filter((run) => run.state === 'finished')
  const sources: [string, string][] = [[CLAIM, tr('a claim of my own')], ...finished.map(({ run, title }) => [run, `${shortName(run)}: ${title}`] as [string, string])]
  if (!sources.some(([run]) => run === source)) sources.push([source, shortName(source)])
  const ofRun = finished.find((run) => run.run === source)
  const whats = Object.keys(ofRun?.endings ?? {}).map((name): [string, string] =>
    [`ending:${name}`, tr('the ending is {ending}', { ending: nameOfRun(ofRun, 'endings', name) })])
  const begunWith = from?.kind === 'run' && from.run === source ? from : null
  if (begunWith?.move) whats.push([`move:${begunWith.move}`, begunWith.words ?? begunWith.move])
  const chosen = whats.some(([key]) => key === what) ? what : (whats[0]?.[0] ?? '')

  async function add(event: Event): Promise<void> {
    event.preventDefault()
    const [kind, name] = chosen.split(/:(.*)/s)
    const of = source === CLAIM
      ? { ...(follows ? {} : { claim }), probability: (numberIn(percent) ?? NaN) / 100 }
      : { run: source, ...(kind && name ? { [kind]: name } : {}) }
    const question = follows ? { follows: Number(follows) } : { due, rule }
    const share = numberIn(base)
    const entered = await asked.ask((signal) =>
      post<{ id: number }>('/api/ledger/add', { ...of, ...question, ...(share === undefined ? {} : { base_rate: share / 100 }) }, signal))
    if (!entered) return
    say(tr('Entered as forecast {number}.', { number: entered.id }))
    begun.value = null
    setClaim('')
    setPercent('')
    setRule('')
    setFollows('')
    await refreshLedger()
  }

  return (
    <form class="card adding" aria-labelledby="new-forecast" onSubmit={(event) => void add(event)}>
      <h3 id="new-forecast" tabIndex={-1} ref={heading}>
        {tr('New forecast')}
      </h3>
      <div class="fields">
        <Choice label={tr('From')} value={source} set={(to) => { setSource(to); if (!runs.value) void refresh() }} options={sources} />
        {source !== CLAIM && <Choice label={tr('What')} value={chosen} set={setWhat} options={whats} hint={meanOf(ofRun, chosen)} />}
        {(ledger.value?.open.length ?? 0) > 0 && (
          <Choice label={tr('Updates')} value={follows} set={setFollows} options={[['', tr('a new question')],
            ...(ledger.value?.open ?? []).map(({ id, claim: said }) =>
              [String(id), tr('forecast {number}: {claim}', { number: id, claim: said })] as [string, string])]} />
        )}
        {source === CLAIM && !follows && <Entry label={tr('Claim')} value={claim} set={setClaim} required />}
        {source === CLAIM && (
          <Entry label={tr('Probability, in percent')} kind="number" value={percent} set={setPercent} min={0} max={100} step="any" required
            {...(from?.kind === 'claim' && claim === from.claim ? { hint: from.from } : {})} />
        )}
        {!follows && <Entry label={tr('Due')} kind="date" value={due} set={setDue} required hint={tr('the day by which it is known (UTC)')} />}
        {!follows && <Entry label={tr('Rule')} value={rule} set={setRule} required hint={tr('by what, and by whose word, it is settled')} />}
        <Entry label={tr('Base rate, in percent')} kind="number" value={base} set={setBase} min={0} max={100} step="any"
          hint={tr('how often such a thing happens; may be empty')} />
        <button class="main" type="submit" disabled={asked.since !== null}>
          {tr('Enter the forecast')}
        </button>
      </div>
      <Working asked={asked} what={tr('Entering it')} />
    </form>
  )
}

/** That the probability is the run's, with the mean of the chosen ending. */
function meanOf(run: RunLine | undefined, chosen: string): string {
  const found = run?.endings?.[chosen.replace(/^ending:/, '')]
  const mean = typeof found === 'number' ? found : found?.mean
  return typeof mean === 'number' ? tr("its probability is the run's, {mean}", { mean: inPercent(mean) }) : tr("its probability is the run's")
}
