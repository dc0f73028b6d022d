// Play: set up a match, send the links, watch it, and review it when it is finished.

import { when } from '../runs/listing'
import { plain } from '../model'
import { tr } from '../texts'
import { matches, refreshMatches, watched } from './matches'
import type { MatchLine } from './model'
import { Room } from './room'
import { SettingUp } from './setting-up'

export function Play() {
  const match = watched.value
  if (match !== null) {
    return (
      <div class="desk">
        <p>
          <button type="button" class="quiet" onClick={() => (watched.value = null)}>
            {tr('← All games')}
          </button>
        </p>
        <Room key={match} match={match} veiled />
      </div>
    )
  }
  const open = matches.value?.filter((each) => !each.finished) ?? []
  const over = matches.value?.filter((each) => each.finished) ?? []
  return (
    <div class="desk">
      <h2>{tr('Play')}</h2>
      <p class="lead">
        {tr('People take sides and see only what their side sees; Offramp plays the rest as the model expects them to.')}
      </p>
      <SettingUp />
      <div class="beside">
        <h3>{tr('Games')}</h3>
        <button type="button" class="quiet" onClick={() => void refreshMatches()}>
          {tr('Look again')}
        </button>
      </div>
      {matches.value?.length === 0 && <p class="note">{tr('None yet.')}</p>}
      <MatchList title={tr('Going on')} list={open} action={tr('Watch')} />
      <MatchList title={tr('Finished')} list={over} action={tr('Replay and debrief')} />
    </div>
  )
}

function MatchList({ title, list, action }: { title: string; list: MatchLine[]; action: string }) {
  if (!list.length) return null
  return (
    <section aria-label={tr('{heading}: games', { heading: title })}>
      <h4>{title}</h4>
      <ul class="match-list">
        {list.map((match) => (
          <li key={match.match} class="card">
            <span>
              <b>{match.title}</b>
              <small>
                {seatsOf(match)}; {tr('begun {date}', { date: when(match.started) })}
                {match.seed !== null && match.seed !== undefined && `; ${tr('seed {seed}', { seed: match.seed })}`}
              </small>
            </span>
            <button type="button" onClick={() => (watched.value = match.match)}>
              {action}
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}

function seatsOf(match: MatchLine): string {
  const people = Array.isArray(match.seats)
    ? match.seats
    : Object.entries(match.seats).filter(([, kind]) => kind !== 'offramp').map(([actor]) => actor)
  return people.length ? tr('played by people: {actors}', { actors: people.map(plain).join(', ') }) : tr('played by Offramp alone')
}
