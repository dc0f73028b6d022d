// The list of runs: progress, options and endings.

import { percent } from '../model'
import { goOn, nameOfRun, opened, refresh, runs, shortName, stop, type RunLine } from './state'

const STATES = {
  waiting: 'waiting', running: 'running', unfinished: 'stopped', finished: 'finished', damaged: 'damaged', failed: 'failed',
}

export function Listing() {
  const all = runs.value
  const busy = all?.filter((run) => run.state === 'running') ?? []
  return (
    <section aria-label="Runs of this folder">
      <div class="beside">
        <h3>Runs of this folder</h3>
        <button type="button" class="quiet" onClick={() => void refresh()}>
          Look again
        </button>
      </div>
      <p class="sr" role="status">
        {busy.map((run) => `${shortName(run.run)}: ${quarters(run)} of the draws done.`).join(' ')}
      </p>
      {all === null && <p class="note">Looking …</p>}
      {all?.length === 0 && <p class="note">None yet. Start one above.</p>}
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
        <span>seed {run.seed}</span>
        <span>{run.levers.length ? `levers: ${run.levers.map((key) => nameOfRun(run, 'levers', key)).join(', ')}` : 'no levers'}</span>
        {run.written && <span>{when(run.written)}</span>}
        <span>{bytes(run.bytes)}</span>
      </p>
      {run.message && <p class="refused">{run.message}</p>}
      {run.state === 'damaged' && !run.message && (
        <p class="refused">Its files do not belong together. Remove the folder {run.run}, and run it again.</p>
      )}
      <div class="buttons">
        {(run.state === 'running' || run.state === 'waiting') && run.ours && (
          <button type="button" aria-label={`Stop ${name}`} onClick={() => void stop(run.run)}>
            Stop
          </button>
        )}
        {run.state === 'running' && !run.ours && <small>started elsewhere; it can be stopped there</small>}
        {run.state === 'unfinished' && (
          <button type="button" aria-label={`Go on with ${name}`} onClick={() => void goOn(run.run)}>
            Go on
          </button>
        )}
        {run.state !== 'failed' && run.state !== 'waiting' && (
          <button type="button" aria-label={`Open ${name}`} onClick={() => (opened.value = run.run)}>
            Open
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
        <progress value={run.done} max={Math.max(1, run.draws)} aria-label={`Draws done of ${shortName(run.run)}`} />
      )}
      <span>
        {run.state === 'finished'
          ? `${run.draws.toLocaleString('en')} draws`
          : `${run.done.toLocaleString('en')} of ${run.draws.toLocaleString('en')} draws`}
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

export function when(written: string): string {
  const at = new Date(written)
  return Number.isNaN(at.getTime())
    ? written
    : at.toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' })
}

function bytes(size: number): string {
  if (size < 1e6) return `${Math.max(1, Math.round(size / 1e3)).toLocaleString('en')} kB`
  return `${(size / 1e6).toFixed(1)} MB`
}
