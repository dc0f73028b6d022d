// One open run: its endings, the questions about it, its report, and how it was made.

import { useEffect, useMemo, useState } from 'preact/hooks'
import { fetched, get } from '../api'
import { plain, type Finding, type Model } from '../model'
import { useAsking } from '../parts/asking'
import { Choice, Entry } from '../parts/fields'
import { FindingView } from '../parts/finding'
import { keep, openTab, showIn } from '../parts/keeping'
import { Working } from '../parts/working'
import { say } from '../session'
import { tr, trn } from '../texts'
import { Comparing } from './comparing'
import { Progress } from './listing'
import { Manifest } from './manifest'
import { ForecastRun } from './forecasting'
import { goOn, modelOf, opened, runs, shortName, stop, type RunOpened } from './state'
import { askStudy, momentOf, QUESTIONS } from './studies'
import { Question } from './question'

export function OpenedRun({ run }: { run: string }) {
  const line = runs.value?.find((each) => each.run === run)
  const finished = line?.state === 'finished'
  const about = useAsking<RunOpened>()
  const endings = useAsking<Finding>()
  const model = useAsking<Model | null>()
  const [now, setNow] = useState(false)
  const [suppose, setSuppose] = useState('')
  const moment = useMemo(() => momentOf(now, suppose), [now, suppose])

  useEffect(() => {
    void about.ask((signal) => get<RunOpened>('/api/run', { run }, signal))
    void model.ask((signal) => modelOf(run, signal))
    document.getElementById('run-title')?.focus()
  }, [])
  useEffect(() => {
    if (finished) void endings.ask((signal) => askStudy(run, 'endings', {}, signal))
  }, [finished])

  return (
    <article class="opened-run">
      <p>
        <button type="button" class="quiet" onClick={() => (opened.value = null)}>
          {tr('← All runs')}
        </button>
      </p>
      <h2 id="run-title" tabIndex={-1}>
        {shortName(run)}
      </h2>
      {line && (
        <p class="facts">
          <span>{line.title}</span>
          <span>{trn('{count} draw', '{count} draws', line.draws)}</span>
          <span>{tr('seed {seed}', { seed: line.seed })}</span>
          <span>{line.levers.length ? tr('levers: {levers}', { levers: line.levers.map(plain).join(', ') }) : tr('no levers')}</span>
        </p>
      )}
      {line && !finished && (
        <div class="card">
          <Progress run={line} />
          {line.state === 'running' && line.ours && (
            <button type="button" onClick={() => void stop(run)}>{tr('Stop')}</button>
          )}
          {line.state === 'unfinished' && (
            <button type="button" onClick={() => void goOn(run)}>{tr('Go on')}</button>
          )}
          {line.message && <p class="refused">{line.message}</p>}
          <p class="note">{tr('You can ask it questions when all draws are done.')}</p>
        </div>
      )}
      {finished && (
        <>
          <div class="room">
            {endings.value && <FindingView finding={endings.value} />}
            <Working asked={endings} what={tr('Reading the run')} />
          </div>
          <div class="buttons">
            <Report run={run} />
            <ForecastRun run={run} names={Object.keys(line.endings ?? {})} model={model.value} />
          </div>
          <h3>{tr('Ask this run')}</h3>
          <AsOf model={model.value} now={now} setNow={setNow} suppose={suppose} setSuppose={setSuppose} />
          <ul class="questions">
            {QUESTIONS.map((question) => (
              <Question key={question.study} run={run} question={question} model={model.value} moment={moment} />
            ))}
            <Comparing run={run} moment={moment} />
          </ul>
        </>
      )}
      <Working asked={model} what={tr('Reading the crisis of this run')} />
      <Working asked={about} what={tr('Opening the run')} />
      {about.value?.manifest && <Manifest manifest={about.value.manifest} />}
    </article>
  )
}

/** As of when the questions are answered; the run's own figures stay. */
function AsOf({ model, now, setNow, suppose, setSuppose }: {
  model: Model | null
  now: boolean
  setNow: (now: boolean) => void
  suppose: string
  setSuppose: (suppose: string) => void
}) {
  const moments: [string, string][] = [['', tr('the moment of the run')], ['now', tr('the last observed event')]]
  return (
    <div class="fields">
      {(model?.observed ?? 0) > 0 && (
        <Choice label={tr('Answered as of')} value={now ? 'now' : ''} set={(value) => setNow(value === 'now')} options={moments} />
      )}
      <Entry label={tr('Suppose')} value={suppose} set={setSuppose}
        hint={tr('what has happened by now; may be empty; as in answer=staged, reply@2=limited|broad')} />
    </div>
  )
}

function Report({ run }: { run: string }) {
  const asked = useAsking<Blob>()
  const fetchReport = () => asked.ask((signal) => fetched('/api/report', { run }, signal))

  async function show(): Promise<void> {
    const tab = openTab(tr('Writing the report of {run}', { run: shortName(run) }))
    if (!tab) {
      say(tr('The browser kept a new tab from opening. Allow it for this page, or download the report.'), 'error')
      return
    }
    const page = await fetchReport()
    if (page) showIn(tab, page.slice(0, page.size, 'text/html'))
    else tab.close()
  }
  async function take(): Promise<void> {
    const page = await fetchReport()
    if (page) keep(page, `${shortName(run)}-report.html`)
  }
  return (
    <div class="report">
      <button type="button" class="main" disabled={asked.since !== null} onClick={() => void show()}>
        {tr('The report')}
      </button>{' '}
      <button type="button" disabled={asked.since !== null} onClick={() => void take()}>
        {tr('Download the report')}
      </button>
      <Working asked={asked} what={tr('Writing the report')} />
    </div>
  )
}
