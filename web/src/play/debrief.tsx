// Debrief of a match: how the odds of the endings changed, and each move, with what its side knew and what was expected.

import { useEffect, useState } from 'preact/hooks'
import { get } from '../api'
import { percent } from '../model'
import { useAsking } from '../parts/asking'
import { FindingView } from '../parts/finding'
import { Working } from '../parts/working'
import { tr, woven } from '../texts'
import { heading, playedBy, type Debrief, type DebriefEntry } from './model'
import { Legend, OddsBar } from './odds'

export function DebriefOf({ match, you }: { match: string; you?: string }) {
  const debrief = useAsking<Debrief>()
  useEffect(() => {
    void debrief.ask((signal) => get<Debrief>('/api/match/debrief', { match }, signal))
  }, [match])
  const { value } = debrief
  return (
    <section class="debrief" aria-labelledby="debrief">
      <h2 id="debrief">{tr('Debrief')}</h2>
      <Working asked={debrief} what={tr('Looking back')} />
      {value?.entries?.length ? <Again entries={value.entries} names={value.endings} {...(you === undefined ? {} : { you })} /> : null}
      {value && <FindingView finding={value} level={3} />}
    </section>
  )
}

function Again({ entries, names, you }: { entries: DebriefEntry[]; names: Record<string, string>; you?: string }) {
  const [at, setAt] = useState(0)
  const entry = entries[at]!
  const endings = Object.keys(entry.odds_before)
  return (
    <div class="again">
      <section aria-labelledby="odds-went">
        <h3 id="odds-went">{tr('How the odds of the endings went')}</h3>
        <Legend endings={endings} names={names} />
        <ol class="odds-steps">
          <li class="start">
            <span class="step-name">{tr('before anything')}</span>
            <OddsBar odds={entries[0]!.odds_before} endings={endings} />
          </li>
          {entries.map((each, place) => (
            <li key={place}>
              <button type="button" class="step-name link" aria-current={place === at ? 'step' : undefined} onClick={() => setAt(place)}>
                {heading(each, you)}
              </button>
              <OddsBar odds={each.odds_after} endings={endings} />
            </li>
          ))}
        </ol>
      </section>
      <section class="card replayed" aria-labelledby="step-title">
        <div class="buttons">
          <button type="button" disabled={at === 0} onClick={() => setAt(at - 1)}>
            {tr('← Previous')}
          </button>
          <span>
            {tr('{number} of {all}', { number: at + 1, all: entries.length })}
          </span>
          <button type="button" disabled={at === entries.length - 1} onClick={() => setAt(at + 1)}>
            {tr('Next →')}
          </button>
        </div>
        <div aria-live="polite">
          <h3 id="step-title">{heading(entry, you)}</h3>
          <Entry entry={entry} you={you === entry.actor} endings={endings} names={names} />
        </div>
      </section>
    </div>
  )
}

function Entry({ entry, you, endings, names }: {
  entry: DebriefEntry
  you: boolean
  endings: string[]
  names: Record<string, string>
}) {
  const most = Math.max(...entry.options.map(({ probability }) => probability), 0.01)
  return (
    <>
      {entry.by !== 'chance' && <p class="note">{playedBy(entry.by, 'sentence')}</p>}
      {entry.options.length === 0 && (
        <p>{tr('The probability of this outcome was {share}.', { share: percent(entry.probability) })}</p>
      )}
      {entry.options.length > 0 && (
        <table class="expected">
          <caption>
            {you ? tr('What the model expected of you') : tr('What the model expected of {actor}', { actor: entry.name })}
          </caption>
          <thead>
            <tr>
              <th scope="col">{tr('option')}</th>
              <th scope="col">{tr('expected')}</th>
              <th scope="col" class="n">{tr('worth')}</th>
            </tr>
          </thead>
          <tbody>
            {entry.options.map(({ option, probability, value }) => (
              <tr key={option} class={option === entry.value ? 'taken' : ''}>
                <th scope="row">
                  {entry.option_names[option] ?? option}
                  {option === entry.value && <small> {tr('✓ taken')}</small>}
                </th>
                <td>
                  <span class="meter" aria-hidden="true">
                    <span style={{ width: `${(100 * probability) / most}%` }} />
                  </span>
                  {percent(probability)}
                </td>
                <td class="n">{value === null ? '–' : value.toFixed(2)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {entry.cost !== null && <p>{costSaid(entry)}</p>}
      {entry.actor !== null && entry.by !== 'past' && <Knew entry={entry} you={you} />}
      <h4>{tr('Odds of the endings, before → after')}</h4>
      <OddsBar odds={entry.odds_after} endings={endings} />
      <Legend endings={endings} names={names} before={entry.odds_before} odds={entry.odds_after} />
    </>
  )
}

function costSaid(entry: DebriefEntry): string {
  const cost = entry.cost ?? 0
  const first = cost < 0.005
    ? tr('That was its best option, in its own odds.')
    : tr('Its best option was worth {amount} more, in its own odds.', { amount: cost.toFixed(2) })
  if (entry.gain === null || Math.abs(entry.gain) < 0.005) return first
  const amount = Math.abs(entry.gain).toFixed(2)
  const second = entry.gain > 0
    ? tr('Against what the model expected, the choice gained {amount}.', { amount })
    : tr('Against what the model expected, the choice cost {amount}.', { amount })
  return `${first} ${second}`
}

function Knew({ entry, you }: { entry: DebriefEntry; you: boolean }) {
  return (
    <>
      <h4>{you ? tr('What you knew and believed') : tr('What {actor} knew and believed', { actor: entry.name })}</h4>
      {entry.knows.length === 0 && <p>{tr('Nothing had been seen.')}</p>}
      <dl class="knew">
        {entry.knows.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {entry.beliefs.length > 0 && (
        <ul class="beliefs">
          {entry.beliefs.map((belief, place) => (
            <li key={place}>
              {woven('{step}: {value}, {before} at the start, {now} now', {
                step: entry.belief_names[place]?.[0], value: <b>{entry.belief_names[place]?.[1]}</b>,
                before: percent(belief.before), now: percent(belief.now),
              })}
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
