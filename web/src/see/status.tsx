// The status of the solve in words, and each actor's expected payoff.

import { broken, model } from '../crisis'
import { figures, settled, settling, solved, spread, unvaried, type Solved } from '../live'
import { ahead, varied } from '../setting'

interface Said {
  plain: string
  /** In the head, beside the numbers; empty if nothing is to be said. */
  warning: string
  name: string
  long: string
}

const STATUSES: Record<string, Said> = {
  principal: {
    plain: 'The computation is sound.', warning: '', name: 'principal branch',
    long: 'the equilibrium reached from random play as all actors grow more rational together, which is the one that Offramp reports.',
  },
  'not traced': {
    plain: 'A quick computation; a full one follows when the slider rests.', warning: '', name: 'not traced',
    long: 'found from the solved file by following the change. Offramp checks when the slider rests whether it lies on the principal branch.',
  },
  'other branch': {
    plain: 'Play could settle in more than one way; these numbers are those of one of them.', warning: 'one of several answers', name: 'another branch',
    long: 'an equilibrium, but not the one on the principal branch: there are several, and play could settle on either.',
  },
  bifurcation: {
    plain: 'Play could go on in more than one way from here; these numbers are those of one of them.', warning: 'one of several answers', name: 'bifurcation',
    long: 'the branch divides before this point: more than one equilibrium continues it, and none is more likely than another.',
  },
  unconverged: {
    plain: 'The computation found no answer: do not use these numbers.', warning: 'no answer: do not use them', name: 'NOT converged',
    long: 'the solver did not converge, so these numbers are not an equilibrium. Try values nearer to those in the file, or a lower rationality.',
  },
}

function saidOf(answer: Solved): Said {
  if (!answer.converged) return STATUSES['unconverged']!
  return STATUSES[answer.status] ?? { plain: 'The computation ended.', warning: '', name: answer.status, long: 'the status of the solve.' }
}

/** What the numbers are, in one line. */
export function Status() {
  const answer = solved.value
  if (!answer) return <p class="status">{broken.value ? 'not solved' : 'solving …'}</p>
  const draws = spread.value
  const means = figures.value?.kind === 'means'
  return (
    <p class="status" aria-busy={settling.value} title="A word of probability for each mean, and the range in nine draws out of ten">
      A model's numbers: {means && draws ? `means of ${draws.converged} draws` : 'a preview'}
      {saidOf(answer).warning && <b class="warn"> · {saidOf(answer).warning}</b>}
    </p>
  )
}

/** How sure the computation is: a sentence, and behind it the technical words. */
export function Sure() {
  const answer = solved.value
  const full = settled.value
  const draws = spread.value
  if (!answer) return <p class="sure note">{broken.value ? 'Not solved yet.' : 'Solving …'}</p>
  const said = saidOf(answer)
  return (
    <details class="sure">
      <summary class={said.warning && 'warn'}>{said.plain}</summary>
      <p>
        Status: {said.name}, {said.long} It is said of one solve, with every input at its median or where you hold it
        {full && full === answer && full.residual !== null ? `; its residual is ${full.residual.toExponential(1)}` : ''}.
      </p>
      {draws && (
        <p>
          The numbers are means over {draws.converged} of {draws.draws} draws of the inputs that you do not hold; the
          bands go from their 5th to their 95th percentile.
          {ahead.value ? ' Draws count the more, the likelier they made what happened.' : ''}
          {draws.converged < draws.draws ? ` ${draws.draws - draws.converged} draws did not converge and are left out.` : ''}
        </p>
      )}
      {draws && <p>Words of probability (Intelligence Community Directive 203): {draws.words}.</p>}
    </details>
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
