// A seat's choice: options by mouse or by number, and a second step to confirm, so that no slip decides.

import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { inRound } from '../model'
import { tr } from '../texts'
import type { Question } from './model'

export function Choosing({ question, choose }: { question: Question; choose: (option: string) => Promise<void> }) {
  const [picked, setPicked] = useState<string | null>(null)
  const [sending, setSending] = useState(false)
  const confirm = useRef<HTMLButtonElement>(null)
  const heading = useRef<HTMLHeadingElement>(null)

  // at once, not with the next frame, which is late in a window behind another: Enter after a number confirms
  useLayoutEffect(() => (picked !== null ? confirm : heading).current?.focus(), [picked])
  useLayoutEffect(() => {  // a key is heard as soon as the question is seen
    function onKey(event: KeyboardEvent): void {
      if (event.ctrlKey || event.metaKey || event.altKey || event.target instanceof HTMLInputElement) return
      const option = question.options[Number(event.key) - 1]
      if (/^[1-9]$/.test(event.key) && option !== undefined) setPicked(option)
      else if (event.key === 'Escape') setPicked(null)
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [question])

  async function send(): Promise<void> {
    if (picked === null || sending) return
    setSending(true)
    await choose(picked)
    setSending(false)
  }

  return (
    <section class="card choosing" aria-labelledby="asked">
      <h2 id="asked" tabIndex={-1} ref={heading}>
        {tr('You are asked: {move}', { move: inRound(question.name, question.round) })}
      </h2>
      {question.says && <p class="note">{question.says}</p>}
      <div class="options" role="group" aria-labelledby="asked">
        {question.options.map((option, place) => (
          <button key={option} type="button" aria-pressed={picked === option} disabled={sending}
            {...(place < 9 ? { 'aria-keyshortcuts': String(place + 1) } : {})} onClick={() => setPicked(option)}>
            {place < 9 && <kbd aria-hidden="true">{place + 1}</kbd>} {question.named[option]?.name ?? option}
            {question.named[option]?.says && <small class="says">{question.named[option]?.says}</small>}
          </button>
        ))}
        {question.closed.map(({ option, name, only_if }) => (
          <p key={option} class="closed">
            {name}: <small>{only_if === null ? tr('closed by a lever') : tr('open only if {condition}', { condition: only_if })}</small>
          </p>
        ))}
      </div>
      <div class="confirm">
        {picked !== null ? (
          <>
            <button type="button" class="main" ref={confirm} disabled={sending} onClick={() => void send()}>
              {tr('Confirm: {option}', { option: question.named[picked]?.name ?? picked })}
            </button>{' '}
            <button type="button" disabled={sending} onClick={() => setPicked(null)}>
              {tr('Think again')}
            </button>
          </>
        ) : (
          <p class="note">
            {tr('Choose by mouse, or press the number of an option; then confirm with Enter. Escape takes it back.')}
          </p>
        )}
      </div>
    </section>
  )
}
