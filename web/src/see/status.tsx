// The status of the solve in words, and each actor's expected payoff.

import { broken, model } from '../crisis'
import { figures, settling, solved, spread, unvaried, type Solved } from '../live'
import { ahead, varied } from '../setting'

interface Said {
  short: string
  long: string
  good: boolean
}

const STATUSES: Record<string, Said> = {
  principal: {
    short: 'principal branch', good: true,
    long: 'The equilibrium reached from random play as all actors grow more rational together: the one that Offramp reports.',
  },
  'not traced': {
    short: 'not traced', good: true,
    long: 'Found from the solved file by following the change. Offramp checks when the slider rests whether it lies on the principal branch.',
  },
  'other branch': {
    short: 'another branch', good: false,
    long: 'An equilibrium, but not the one on the principal branch: there are several, and play could settle on either.',
  },
  bifurcation: {
    short: 'bifurcation', good: false,
    long: 'The branch divides before this point: more than one equilibrium continues it, and none is more likely than another. The numbers are those of one of them.',
  },
  unconverged: {
    short: 'NOT converged', good: false,
    long: 'The solver did not converge: these numbers are not an equilibrium. Try values nearer to those in the file, or a lower rationality.',
  },
}

function saidOf(answer: Solved): Said {
  if (!answer.converged) return STATUSES['unconverged']!
  return STATUSES[answer.status] ?? { short: answer.status, long: 'The status of the solve.', good: false }
}

export function Status() {
  const answer = solved.value
  if (!answer) return <p class="status">{broken.value ? 'not solved' : 'solving …'}</p>
  const said = saidOf(answer)
  const draws = spread.value
  const means = figures.value?.kind === 'means'
  return (
    <p class="status">
      <span class="basis">{means && draws ? `mean of ${draws.converged} draws` : 'preview'}</span>
      <span class="hint">
        <button type="button" class={`plain ${said.good ? '' : 'warn'}`} aria-describedby="status-hint"
          onKeyDown={(event) => { if (event.key === 'Escape') event.currentTarget.blur() }}>
          {settling.value && said.good ? 'solving' : said.short}
        </button>
        <span class="hint-text" role="tooltip" id="status-hint">
          {said.long} It is said of one solve, with every input at its median or where you hold it.
          {draws ? ` The numbers are means over ${draws.converged} of ${draws.draws} draws of the inputs that you do not hold; the bands go from their 5th to their 95th percentile.` : ''}
          {draws && ahead.value ? ' Each draw counts as much as it held what happened likely.' : ''}
          {draws && draws.converged < draws.draws ? ` ${draws.draws - draws.converged} draws did not converge and are left out.` : ''}
        </span>
      </span>
    </p>
  )
}

export function Payoffs() {
  const crisis = model.value
  const answer = figures.value
  const was = unvaried.value
  return (
    <details class="payoffs">
      <summary>What each actor can expect</summary>
      <table>
        <caption>
          Expected payoff {ahead.value ? 'still to come' : 'over all play'}, in the mean of the draws, on the file's own scale
        </caption>
        <thead>
          <tr>
            <th scope="col">actor</th>
            <th scope="col" class="n">payoff</th>
            <th scope="col" class="n">difference</th>
          </tr>
        </thead>
        <tbody>
          {(crisis?.actors ?? []).map((actor) => {
            const now = answer?.payoffs[actor.key]
            const before = was?.payoffs[actor.key]
            return (
              <tr key={actor.key}>
                <th scope="row">{actor.name}</th>
                <td class="n">{typeof now === 'number' ? signed(now, false) : '–'}</td>
                <td class="n">
                  {varied.value && typeof now === 'number' && typeof before === 'number' ? signed(now - before, true) : ''}
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </details>
  )
}

function signed(value: number, plus: boolean): string {
  const shown = Math.abs(value).toFixed(2)
  if (shown === '0.00') return shown
  return `${value < 0 ? '−' : plus ? '+' : ''}${shown}`
}
