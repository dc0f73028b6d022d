// What has happened so far, as far as the viewer may know it, as a list.

import { useEffect, useRef, useState } from 'preact/hooks'
import { percent, plain } from '../model'
import { playedBy, type Happening } from './model'

type Names = Record<string, string>

export function Story({ timeline, names, you, all = false }: {
  timeline: Happening[]
  names: Names
  you?: string
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
      {timeline.length === 0 && <p class="note">Nothing has happened yet that {you ?? 'anybody'} could see.</p>}
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
        {happening.name}: {value === 'skipped' ? <i>did not happen</i> : <b>{happening.value_name}</b>}
      </span>
    </>
  )
}

function Behind({ happening, names }: { happening: Happening; names: Names }) {
  if (happening.kind === 'state' || happening.kind === 'round' || happening.kind === 'rounds_over') return null
  const parts = [
    lower(playedBy(happening.by)),
    typeof happening.probability === 'number' ? `expected with ${percent(happening.probability)}` : '',
    happening.seen_by && `seen by ${happening.seen_by.length ? happening.seen_by.map((key) => called(names, key)).join(', ') : 'nobody'}`,
  ]
  return <small class="behind">{parts.filter(Boolean).join(' · ')}</small>
}

function lower(words: string): string {
  return words.slice(0, 1).toLowerCase() + words.slice(1)
}

export function called(names: Names, key: string): string {
  return names[key] ?? plain(key)
}

function who(happening: Happening, names: Names): string {
  if (happening.kind === 'told') return happening.own === undefined ? 'Told' : 'You are told'
  if (happening.own) return 'You'
  return happening.actor ? called(names, happening.actor) : 'It turns out'
}

function sentence(happening: Happening, names: Names): string {
  const { kind, value } = happening
  if (kind === 'round') return `Round ${value} begins${happening.days ? ` (${happening.days})` : ''}`
  if (kind === 'rounds_over') return `${value} ${Number(value) === 1 ? 'round was' : 'rounds were'} played`
  return `${who(happening, names)}: ${happening.name}, ${value === 'skipped' ? 'did not happen' : happening.value_name}.`
}
