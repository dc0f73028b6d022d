// The facilitator's view of a match: every step, hidden ones included, whose turn it is, and seats that Offramp can take over.

import { useState } from 'preact/hooks'
import { post } from '../api'
import { model } from '../crisis'
import { inRound } from '../model'
import { sayError } from '../session'
import { Clock } from './clock'
import { DebriefOf } from './debrief'
import { useMatch } from './following'
import { Links } from './links'
import { linksOf } from './matches'
import type { RoomView } from './model'
import { Legend, OddsBar } from './odds'
import { called, Story } from './story'

export function Room({ match, level = 2, veiled = false }: {
  match: string
  level?: 1 | 2
  /** The person who set up the match may play too: hidden moves are shown only on request. */
  veiled?: boolean
}) {
  const [looks, setLooks] = useState(!veiled)
  const { view, away, refused, take } = useMatch<RoomView>(match)
  const Heading = `h${level}` as 'h1' | 'h2'
  if (refused) return <p class="refused" role="alert">{refused}</p>
  if (!view) return <p class="waiting" role="status">{away ? AWAY : 'Opening the game …'}</p>
  const names = view.names ?? namesIn(view.crisis)
  const endings = Object.keys(view.odds ?? {})
  const links = linksOf(match, view)

  async function handOver(actor: string): Promise<void> {
    try {
      take(await post<RoomView>('/api/match/hand-over', { match, actor }))
    } catch (error) {
      sayError(error)
    }
  }
  if (!looks && view.status !== 'finished') {
    return (
      <div class="room-view">
        <Heading>{view.crisis}</Heading>
        <p class="you">The game is on. Open a seat to play it, or send its link to the person who plays it.</p>
        {away && <p class="refused" role="alert">{AWAY}</p>}
        {links && <Links links={links} names={names} />}
        <p>
          <button type="button" onClick={() => setLooks(true)}>
            Show everything
          </button>{' '}
          <small>The facilitator's view, hidden moves included: it spoils the game if you play.</small>
        </p>
      </div>
    )
  }
  return (
    <div class="room-view">
      <Heading>{view.crisis}</Heading>
      <p class="you">
        <b>You see everything</b>, hidden moves included. Seed {view.seed}.
      </p>
      {away && <p class="refused" role="alert">{AWAY}</p>}
      {view.status === 'finished' ? (
        <section class="card ended" aria-label="The end">
          <p role="status">
            It ended with: <b>{view.ending_name ?? 'no ending'}</b>
          </p>
        </section>
      ) : (
        <section class="card" aria-label="Now">
          <Clock deadline={view.deadline} now={view.now} who="the choice" />
          <div role="status">
            <p>
              Waiting for {view.awaiting.map((actor) => called(names, actor)).join(', ') || 'nobody'}.
            </p>
          </div>
          <ul class="awaited">
            {view.awaiting.map((actor) => {
              const asked = view.asked[actor]
              return (
                <li key={actor}>
                  <b>{called(names, actor)}</b>
                  {asked && <>: {inRound(asked.name, asked.round)} ({asked.options.map((key) => asked.named[key]?.name ?? key).join(', ')})</>}
                </li>
              )
            })}
          </ul>
          {Object.entries(view.pending ?? {}).map(([actor, option]) => (
            <p key={actor} class="note">
              {called(names, actor)} has chosen {view.pending_names[actor] ?? option}; it takes effect when all have chosen.
            </p>
          ))}
          <div class="buttons">
            {view.seats.map((actor) =>
              view.handed_over?.includes(actor) ? (
                <small key={actor}>Offramp plays {called(names, actor)} now.</small>
              ) : (
                <button key={actor} type="button" onClick={() => void handOver(actor)}>
                  Let Offramp play {called(names, actor)}
                </button>
              ),
            )}
          </div>
        </section>
      )}
      {endings.length > 0 && view.status !== 'finished' && (
        <section aria-label="Odds of the endings now">
          <h3>Odds of the endings now</h3>
          <OddsBar odds={view.odds} endings={endings} />
          <Legend endings={endings} names={view.endings} odds={view.odds} />
        </section>
      )}
      {links && view.status !== 'finished' && <Links links={links} names={names} />}
      <section aria-label="So far">
        <h3>So far</h3>
        <Story timeline={view.timeline} names={names} all />
      </section>
      {view.status === 'finished' && <DebriefOf match={match} />}
    </div>
  )
}

/** The names of actors, if the open crisis is the one that is played. */
function namesIn(title: string): Record<string, string> {
  const at = model.value
  return at?.title === title ? Object.fromEntries(at.actors.map(({ key, name }) => [key, name])) : {}
}

const AWAY = 'The server does not answer. The game is saved, and this page tries again by itself.'
