// The facilitator's view of a match: every step, hidden ones included, whose turn it is, and seats that Offramp can take over.

import { useState } from 'preact/hooks'
import { post } from '../api'
import { model } from '../crisis'
import { inRound } from '../model'
import { sayError } from '../session'
import { tr, woven } from '../texts'
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
  if (!view) return <p class="waiting" role="status">{away ? AWAY : tr('Opening the game …')}</p>
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
        <p class="you">{tr('The game is on. Open a seat to play it, or send its link to the person who plays it.')}</p>
        {away && <p class="refused" role="alert">{AWAY}</p>}
        {links && <Links links={links} names={names} />}
        <p>
          <button type="button" onClick={() => setLooks(true)}>
            {tr('Show everything')}
          </button>{' '}
          <small>{tr("The facilitator's view, hidden moves included: it spoils the game if you play.")}</small>
        </p>
      </div>
    )
  }
  return (
    <div class="room-view">
      <Heading>{view.crisis}</Heading>
      <p class="you">
        {woven('{everything}, hidden moves included. Seed {seed}.', {
          everything: <b>{tr('You see everything')}</b>, seed: String(view.seed),
        })}
      </p>
      {away && <p class="refused" role="alert">{AWAY}</p>}
      {view.status === 'finished' ? (
        <section class="card ended" aria-label={tr('The end')}>
          <p role="status">
            {woven('It ended with: {ending}', { ending: <b>{view.ending_name ?? tr('no ending')}</b> })}
          </p>
        </section>
      ) : (
        <section class="card" aria-label={tr('Now')}>
          <Clock deadline={view.deadline} now={view.now} label={tr('Time left for the choice')} />
          <div role="status">
            <p>
              {view.awaiting.length
                ? tr('Waiting for {actors}.', { actors: view.awaiting.map((actor) => called(names, actor)).join(', ') })
                : tr('Waiting for nobody.')}
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
              {tr('{actor} has chosen {option}; it takes effect when all have chosen.', {
                actor: called(names, actor), option: view.pending_names[actor] ?? option,
              })}
            </p>
          ))}
          <div class="buttons">
            {view.seats.map((actor) =>
              view.handed_over?.includes(actor) ? (
                <small key={actor}>{tr('Offramp plays {actor} now.', { actor: called(names, actor) })}</small>
              ) : (
                <button key={actor} type="button" onClick={() => void handOver(actor)}>
                  {tr('Let Offramp play {actor}', { actor: called(names, actor) })}
                </button>
              ),
            )}
          </div>
        </section>
      )}
      {endings.length > 0 && view.status !== 'finished' && (
        <section aria-label={tr('Odds of the endings now')}>
          <h3>{tr('Odds of the endings now')}</h3>
          <OddsBar odds={view.odds} endings={endings} />
          <Legend endings={endings} names={view.endings} odds={view.odds} />
        </section>
      )}
      {links && view.status !== 'finished' && <Links links={links} names={names} />}
      <section aria-label={tr('So far')}>
        <h3>{tr('So far')}</h3>
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

const AWAY = tr('The server does not answer. The game is saved, and this page tries again by itself.')
