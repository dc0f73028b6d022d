// The page behind the link of a match: a seat sees what its actor sees, and chooses; a facilitator sees everything.

import { useEffect, useState } from 'preact/hooks'
import { get, post } from '../api'
import { hello, notice } from '../session'
import { tr, woven } from '../texts'
import { Choosing } from './choosing'
import { Clock } from './clock'
import { DebriefOf } from './debrief'
import { useMatch } from './following'
import { type SeatView } from './model'
import { Room } from './room'
import { Story } from './story'

export function Seat() {
  const me = hello.value
  if (!me?.match) {
    return <p class="waiting">{tr('This link leads to no game. Ask the person who sent it for a new one.')}</p>
  }
  return (
    <>
      <header class="head">
        <p class="brand">Offramp</p>
      </header>
      <main class="desk table">{me.role === 'facilitator' ? <Room match={me.match} level={1} /> : <AtTheTable match={me.match} />}</main>
      <p class={`notice ${notice.value?.kind ?? ''}`} role={notice.value?.kind === 'error' ? 'alert' : 'status'} hidden={!notice.value}>
        {notice.value?.text}{' '}
        <button type="button" aria-label={tr('Close this message')} onClick={() => (notice.value = null)}>
          ×
        </button>
      </p>
    </>
  )
}

function AtTheTable({ match }: { match: string }) {
  const { view, away, refused, take } = useMatch<SeatView>(match)
  const [said, setSaid] = useState('')
  if (refused) return <p class="refused" role="alert">{refused}</p>
  if (!view) return <p class="waiting" role="status">{away ? AWAY : tr('Coming to the table …')}</p>

  async function choose(option: string): Promise<void> {
    setSaid('')
    try {
      take(await post<SeatView>('/api/match/choose', {
        match, actor: view!.actor, option, version: view!.version,
      }))
    } catch (error) {
      setSaid(error instanceof Error ? error.message : String(error))
    }
  }
  const names = view.names ?? { [view.actor]: view.name }
  return (
    <>
      <h1>{view.crisis}</h1>
      {view.summary && <p class="summary">{view.summary}</p>}
      <p class="you">
        {woven('You are {you}. You see what {actor} sees, and nothing else.', { you: <b>{view.name}</b>, actor: view.name })}
      </p>
      {away && <p class="refused" role="alert">{AWAY}</p>}
      <div class="at-the-table">
        <div class="now">
          <Now view={view} choose={choose} said={said} />
          <Stakes match={match} name={view.name} />
        </div>
        <section aria-labelledby="so-far">
          <h2 id="so-far">{tr('So far')}</h2>
          <Story timeline={view.timeline} names={names} you />
        </section>
      </div>
      {view.status === 'finished' && <DebriefOf match={match} you={view.actor} />}
    </>
  )
}

interface Briefing {
  says: string | null
  stakes: { term: string; name: string; says: string | null; pays: string; because: string | null }[]
  inputs: Record<string, number>
  names: Record<string, string>
}

/** What counts for the actor of the seat. */
function Stakes({ match, name }: { match: string; name: string }) {
  const [told, setTold] = useState<Briefing | null>(null)
  useEffect(() => {
    void get<Briefing>('/api/match/briefing', { match }).then(setTold, () => undefined)
  }, [match])
  if (!told) return null
  const values = Object.entries(told.inputs).map(([input, value]) => `“${told.names[input] ?? input}” ${Number(value.toPrecision(4))}`)
  return (
    <details class="stakes">
      <summary>{tr('What counts for {actor}', { actor: name })}</summary>
      {told.says && <p>{told.says}</p>}
      <dl>
        {told.stakes.map((stake) => (
          <div key={stake.term}>
            <dt title={stake.says ?? undefined}>{stake.name}</dt>
            <dd>
              {stake.pays}
              {stake.because && <p>{stake.because}</p>}
            </dd>
          </div>
        ))}
      </dl>
      {values.length > 0 && <p class="note">{tr('In this game: {values}.', { values: values.join(', ') })}</p>}
    </details>
  )
}

const AWAY = tr('The server does not answer. Your game is saved, and this page tries again by itself.')

function Now({ view, choose, said }: { view: SeatView; choose: (option: string) => Promise<void>; said: string }) {
  if (view.status === 'finished') {
    return (
      <section class="card ended" aria-labelledby="ended">
        <h2 id="ended">{tr('The game is over')}</h2>
        <p role="status">
          {woven('It ended with: {ending}', { ending: <b>{view.ending_name ?? tr('no ending')}</b> })}
        </p>
      </section>
    )
  }
  if (view.status === 'asked' && view.asked) {
    const { asked } = view
    return (
      <>
        <Clock deadline={view.deadline} now={view.now} label={tr('Time left for your choice')} />
        <Choosing key={`${asked.move}@${asked.round}`} question={asked} choose={choose} />
        {said && <p class="refused" role="alert">{said}</p>}
      </>
    )
  }
  // it does not say whose turn it is: that would reveal hidden moves
  return (
    <section class="card" aria-label={tr('Now')}>
      <p role="status">
        {view.handed_over
          ? tr('Offramp plays your side from here on. You still see what your side sees.')
          : tr('The others are choosing. You are asked when it is your turn.')}
      </p>
    </section>
  )
}
