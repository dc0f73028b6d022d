// The status of the solve in words, and each actor's expected payoff.

import { broken, model } from '../crisis'
import { figures, settled, settling, solved, spread, unvaried, type Solved, type Spread } from '../live'
import { ahead, varied } from '../setting'
import { tr, trn } from '../texts'

interface Said {
  plain: string
  /** In the head, beside the numbers; empty if nothing is to be said. */
  warning: string
  long: string
}

const STATUSES: Record<string, Said> = {
  principal: {
    plain: tr('The computation is sound.'),
    warning: '',
    long: tr('Status: principal branch, the equilibrium reached from random play as all actors grow more rational together, ' +
      'which is the one that Offramp reports.'),
  },
  'not traced': {
    plain: tr('A quick computation; a full one follows when the slider rests.'),
    warning: '',
    long: tr('Status: not traced, found from the solved file by following the change. ' +
      'Offramp checks when the slider rests whether it lies on the principal branch.'),
  },
  'other branch': {
    plain: tr('Play could settle in more than one way; these numbers are those of one of them.'),
    warning: tr('one of several answers'),
    long: tr('Status: another branch, an equilibrium, but not the one on the principal branch: ' +
      'there are several, and play could settle on either.'),
  },
  bifurcation: {
    plain: tr('Play could go on in more than one way from here; these numbers are those of one of them.'),
    warning: tr('one of several answers'),
    long: tr('Status: bifurcation, the branch divides before this point: ' +
      'more than one equilibrium continues it, and none is more likely than another.'),
  },
  unconverged: {
    plain: tr('The computation found no answer: do not use these numbers.'),
    warning: tr('no answer: do not use them'),
    long: tr('Status: NOT converged, the solver did not converge, so these numbers are not an equilibrium. ' +
      'Try values nearer to those in the file, or a lower rationality.'),
  },
}

function saidOf(answer: Solved): Said {
  if (!answer.converged) return STATUSES['unconverged']!
  return STATUSES[answer.status] ?? {
    plain: tr('The computation ended.'),
    warning: '',
    long: tr('Status: {name}, the status of the solve.', { name: answer.status }),
  }
}

/** What the numbers are, in one line. */
export function Status() {
  const answer = solved.value
  if (!answer) return <p class="status">{broken.value ? tr('not solved') : tr('solving …')}</p>
  const draws = spread.value
  const means = figures.value?.kind === 'means'
  const { warning } = saidOf(answer)
  return (
    <p class="status" aria-busy={settling.value}
      title={tr('A word of probability for each mean, and the range in nine draws out of ten')}>
      {means && draws
        ? trn("A model's numbers: means of {count} draw", "A model's numbers: means of {count} draws", draws.converged)
        : tr("A model's numbers: a preview")}
      {warning && <b class="warn"> · {warning}</b>}
    </p>
  )
}

/** How sure the computation is: a sentence, and behind it the technical words. */
export function Sure() {
  const answer = solved.value
  const full = settled.value
  const draws = spread.value
  if (!answer) return <p class="sure note">{broken.value ? tr('Not solved yet.') : tr('Solving …')}</p>
  const said = saidOf(answer)
  return (
    <details class="sure">
      <summary class={said.warning && 'warn'}>{said.plain}</summary>
      <p>{said.long} {ofOneSolve(full === answer ? full.residual : null)}</p>
      {draws && <p>{ofDraws(draws).join(' ')}</p>}
      {draws && <p>{tr('Words of probability (Intelligence Community Directive 203): {words}.', { words: draws.words })}</p>}
    </details>
  )
}

function ofOneSolve(residual: number | null): string {
  return residual === null
    ? tr('It is said of one solve, with every input at its median or where you hold it.')
    : tr('It is said of one solve, with every input at its median or where you hold it; its residual is {residual}.', {
      residual: residual.toExponential(1),
    })
}

function ofDraws({ draws, converged }: Spread): string[] {
  const said = [tr('The numbers are means over {converged} of {draws} draws of the inputs that you do not hold; ' +
    'the bands go from their 5th to their 95th percentile.', { converged, draws })]
  if (ahead.value) said.push(tr('Draws count the more, the likelier they made what happened.'))
  if (converged < draws) {
    said.push(trn('{count} draw did not converge and is left out.', '{count} draws did not converge and are left out.', draws - converged))
  }
  return said
}

export function Payoffs() {
  const crisis = model.value
  const answer = figures.value
  const was = unvaried.value
  return (
    <details class="payoffs">
      <summary>{tr('What each actor can expect')}</summary>
      <table>
        <caption>
          {ahead.value
            ? tr("Expected payoff still to come, in the mean of the draws, on the file's own scale")
            : tr("Expected payoff over all play, in the mean of the draws, on the file's own scale")}
        </caption>
        <thead>
          <tr>
            <th scope="col">{tr('actor')}</th>
            <th scope="col" class="n">{tr('payoff')}</th>
            <th scope="col" class="n">{tr('difference')}</th>
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
