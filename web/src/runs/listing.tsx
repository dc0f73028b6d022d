// The list of runs: progress, options and endings.

import { percent } from '../model'
import { tr, trn } from '../texts'
import { goOn, nameOfRun, opened, refresh, runs, shortName, stop, type RunLine } from './state'

const STATES: Record<RunLine['state'], string> = {
  waiting: tr('waiting'), running: tr('running'), unfinished: tr('stopped'), finished: tr('finished'), damaged: tr('damaged'),
  failed: tr('failed'),
}

export function Listing() {
  const all = runs.value
  const busy = all?.filter((run) => run.state === 'running') ?? []
  return (
    <section aria-label={tr('Runs of this folder')}>
      <div class="beside">
        <h3>{tr('Runs of this folder')}</h3>
        <button type="button" class="quiet" onClick={() => void refresh()}>
          {tr('Look again')}
        </button>
      </div>
      <p class="sr" role="status">
        {busy.map((run) => tr('{run}: {share} of the draws done.', { run: shortName(run.run), share: quarters(run) })).join(' ')}
      </p>
      {all === null && <p class="note">{tr('Looking …')}</p>}
      {all?.length === 0 && <p class="note">{tr('None yet. Start one above.')}</p>}
      <ul class="run-list">
        {all?.map((run) => <Line key={run.run} run={run} />)}
      </ul>
    </section>
  )
}

/** Announced to screen readers at each quarter, not at each draw. */
function quarters(run: RunLine): string {
  return `${25 * Math.floor((4 * run.done) / Math.max(1, run.draws))} %`
}

function Line({ run }: { run: RunLine }) {
  const name = shortName(run.run)
  const levers = run.levers.map((key) => nameOfRun(run, 'levers', key)).join(', ')
  return (
    <li class={`card run ${run.state}`}>
      <div class="run-head">
        <h4>
          {name}
        </h4>
        <span class="run-title">{run.title}</span>
        <span class={`badge ${run.state}`}>{STATES[run.state]}</span>
      </div>
      <Progress run={run} />
      {run.endings && <Endings run={run} endings={run.endings} />}
      <p class="facts">
        <span>{tr('seed {seed}', { seed: run.seed })}</span>
        <span>{levers ? tr('levers: {levers}', { levers }) : tr('no levers')}</span>
        {run.written && <span>{when(run.written)}</span>}
        <span>{bytes(run.bytes)}</span>
      </p>
      {run.message && <p class="refused">{run.message}</p>}
      {run.state === 'damaged' && !run.message && (
        <p class="refused">{tr('Its files do not belong together. Remove the folder {folder}, and run it again.', { folder: run.run })}</p>
      )}
      <div class="buttons">
        {(run.state === 'running' || run.state === 'waiting') && run.ours && (
          <button type="button" aria-label={tr('Stop {run}', { run: name })} onClick={() => void stop(run.run)}>
            {tr('Stop')}
          </button>
        )}
        {run.state === 'running' && !run.ours && <small>{tr('started elsewhere; it can be stopped there')}</small>}
        {run.state === 'unfinished' && (
          <button type="button" aria-label={tr('Go on with {run}', { run: name })} onClick={() => void goOn(run.run)}>
            {tr('Go on')}
          </button>
        )}
        {run.state !== 'failed' && run.state !== 'waiting' && (
          <button type="button" aria-label={tr('Open {run}', { run: name })} onClick={() => (opened.value = run.run)}>
            {tr('Open')}
          </button>
        )}
      </div>
    </li>
  )
}

export function Progress({ run }: { run: RunLine }) {
  return (
    <div class="progress">
      {run.state !== 'finished' && (
        <progress value={run.done} max={Math.max(1, run.draws)}
          aria-label={tr('Draws done of {run}', { run: shortName(run.run) })} />
      )}
      <span>
        {run.state === 'finished'
          ? trn('{count} draw', '{count} draws', run.draws)
          : trn('{done} of {count} draw', '{done} of {count} draws', run.draws, { done: run.done.toLocaleString('en') })}
      </span>
    </div>
  )
}

function Endings({ run, endings }: { run: RunLine; endings: NonNullable<RunLine['endings']> }) {
  const shares = Object.entries(endings).map(([name, said]) => [name, typeof said === 'number' ? said : said.mean] as const)
  return (
    <>
      <div class="stack" aria-hidden="true">
        {shares.map(([name, share], place) => (
          <span key={name} class={`ending-${place % 7}`} style={{ width: `${100 * (share ?? 0)}%` }} />
        ))}
      </div>
      <ul class="stack-names">
        {shares.map(([name, share], place) => (
          <li key={name}>
            <span class={`swatch ending-${place % 7}`} aria-hidden="true" /> {nameOfRun(run, 'endings', name)} <b>{share === null ? '–' : percent(share)}</b>
          </li>
        ))}
      </ul>
    </>
  )
}

/** A time as the language of the page writes it. */
export function when(written: string): string {
  const at = new Date(written)
  const { lang } = document.documentElement
  return Number.isNaN(at.getTime())
    ? written
    : at.toLocaleString(lang === 'en' ? 'en-GB' : lang, { dateStyle: 'medium', timeStyle: 'short' })
}

function bytes(size: number): string {
  if (size < 1e6) return `${Math.max(1, Math.round(size / 1e3)).toLocaleString('en')} kB`
  return `${(size / 1e6).toFixed(1)} MB`
}
