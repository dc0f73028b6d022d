// A source's text beside the assumption that cites it, with the cited paragraph marked.

import { useEffect, useRef, useState } from 'preact/hooks'
import { isAbort, post } from '../api'
import { setting } from '../crisis'
import { tr } from '../texts'
import { Drawer, showPassage, type PassageAsked } from './drawer'

interface Passage {
  title: string
  author: string | null
  date: string | null
  url: string | null
  paragraphs: string[]
  number: number | null
  from: number | null
  to: number | null
  note: string | null
}

export function PassageDrawer({ asked }: { asked: PassageAsked }) {
  const [found, setFound] = useState<Passage | null>(null)
  const [wrong, setWrong] = useState<string | null>(null)
  const cited = useRef<HTMLParagraphElement>(null)
  useEffect(() => {
    const base = setting.peek()
    const left = new AbortController()
    setFound(null)
    setWrong(null)
    if (base) {
      post<Passage>('/api/passage', { path: base.path, text: base.text, cite: asked.cite }, left.signal)
        .then(setFound, (error: unknown) => { if (!isAbort(error)) setWrong((error as Error).message) })
    }
    return () => left.abort()
  }, [asked])
  useEffect(() => {
    const paragraph = cited.current
    const body = paragraph?.closest('.drawer-body')
    if (paragraph && body) body.scrollTop = paragraph.offsetTop - body.clientHeight / 3
  }, [found])
  return (
    <Drawer title={tr('The passage for {title}', { title: asked.title })}>
      <section class="assumption" aria-label={tr('The assumption')}>
        <p>{asked.reason.because ?? tr('No reason is given.')}</p>
        {asked.reason.cites.length > 1 ? (
          <p class="card-links" role="group" aria-label={tr('Passages')}>
            {asked.reason.cites.map((cite) => (
              <button key={cite} type="button" class="small" aria-pressed={cite === asked.cite}
                onClick={() => showPassage({ ...asked, cite })}>
                {cite}
              </button>
            ))}
          </p>
        ) : <p class="note">{asked.cite}</p>}
      </section>
      {wrong && <p role="alert">{wrong}</p>}
      {!found && !wrong && <p class="note" role="status">{tr('Looking it up …')}</p>}
      {found && (
        <article class="source">
          <h3>{found.title}</h3>
          <p class="note">{[found.author, found.date].filter(Boolean).join(', ')} {found.url && <span>{found.url}</span>}</p>
          {found.note && <p class="warn">{found.note}</p>}
          {found.paragraphs.map((text, place) => (
            <Paragraph key={place} number={place + 1} text={text} found={found} cited={cited} />
          ))}
        </article>
      )}
    </Drawer>
  )
}

function Paragraph({ number, text, found, cited }: {
  number: number
  text: string
  found: Passage
  cited: { current: HTMLParagraphElement | null }
}) {
  if (number !== found.number) return <p><span class="pilcrow">¶{number}</span> {text}</p>
  const whole = found.from === null || found.to === null
  return (
    <p class="cited" ref={cited} aria-current="true">
      <span class="pilcrow">¶{number}</span>{' '}
      {whole ? text : <>{text.slice(0, found.from!)}<mark>{text.slice(found.from!, found.to!)}</mark>{text.slice(found.to!)}</>}
    </p>
  )
}
