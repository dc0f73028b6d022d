// What has happened so far, as far as the viewer may know it, as a list.

import { useEffect, useRef, useState } from 'preact/hooks'
import { percent, plain } from '../model'
import { tr, trn } from '../texts'
import { playedBy, type Happening } from './model'

type Names = Record<string, string>

export function Story({ timeline, names, you = false, all = false }: {
  timeline: Happening[]
  names: Names
  /** For the seat that is told. */
  you?: boolean
  /** For the facilitator: who saw it, who made it, how likely it was. */
  all?: boolean
}) {
  const seen = useRef(timeline.length)
  const [news, setNews] = useState('')
  const first = seen.current
  useEffect(() => {
    if (timeline.length > seen.current) {
      const fresh = timeline.slice(seen.current).filter((each) => each.kind !== 'state')
      setNews(fresh.map((each) => sentence(each, names)).join(' '))
      seen.current = timeline.length
    }
  }, [timeline.length])
  return (
    <>
      <p class="sr" role="status">
        {news}
      </p>
      {timeline.length === 0 && (
        <p class="note">
          {you ? tr('Nothing has happened yet that you could see.') : tr('Nothing has happened yet that anybody could see.')}
        </p>
      )}
      <ol class="story">
        {timeline.map((each, place) => (
          <li key={place} class={`is-${each.kind} ${each.own ? 'own' : ''} ${place >= first ? 'fresh' : ''}`}>
            <Line happening={each} names={names} />
            {all && <Behind happening={each} names={names} />}
          </li>
        ))}
      </ol>
    </>
  )
}

function Line({ happening, names }: { happening: Happening; names: Names }) {
  const { kind, value } = happening
  if (kind === 'round' || kind === 'rounds_over') return <b class="round-head">{sentence(happening, names)}</b>
  if (kind === 'state') {
    return (
      <small>
        {happening.name}: {happening.value_name}
      </small>
    )
  }
  return (
    <>
      <span class="who">{who(happening, names)}</span>{' '}
      <span class="what">
        {happening.name}: {value === 'skipped' ? <i>{happening.value_name}</i> : <b>{happening.value_name}</b>}
      </span>
    </>
  )
}

function Behind({ happening, names }: { happening: Happening; names: Names }) {
  if (happening.kind === 'state' || happening.kind === 'round' || happening.kind === 'rounds_over') return null
  const parts = [
    playedBy(happening.by, 'clause'),
    typeof happening.probability === 'number' ? tr('expected with {share}', { share: percent(happening.probability) }) : '',
    happening.seen_by && seenBy(happening.seen_by.map((key) => called(names, key))),
  ]
  return <small class="behind">{parts.filter(Boolean).join(' · ')}</small>
}

function seenBy(actors: string[]): string {
  return actors.length ? tr('seen by {actors}', { actors: actors.join(', ') }) : tr('seen by nobody')
}

export function called(names: Names, key: string): string {
  return names[key] ?? plain(key)
}

function who(happening: Happening, names: Names): string {
  if (happening.kind === 'told') return happening.own === undefined ? tr('Told') : tr('You are told')
  if (happening.own) return tr('You')
  return happening.actor ? called(names, happening.actor) : tr('It turns out')
}

function sentence(happening: Happening, names: Names): string {
  const { kind, value } = happening
  if (kind === 'round') {
    return happening.days
      ? tr('Round {round} begins ({days})', { round: value, days: happening.days })
      : tr('Round {round} begins', { round: value })
  }
  if (kind === 'rounds_over') return trn('{count} round was played', '{count} rounds were played', Number(value))
  return `${who(happening, names)}: ${happening.name}, ${happening.value_name}.`
}
