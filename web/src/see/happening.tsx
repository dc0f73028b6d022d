// Writing into the file that something happened: the text in the editor changes, and the person saves it.

import { useEffect, useRef, useState } from 'preact/hooks'
import { post } from '../api'
import { eventIs, file, fits } from '../crisis'
import { useAsking } from '../parts/asking'
import { Entry } from '../parts/fields'
import { Working } from '../parts/working'
import { say } from '../session'
import { tr } from '../texts'
import { factSaid } from './facts'

const NOTE = 200

/** A form that adds "this happened on ..." to `observed`; `done` closes it. */
export function Happening({ position, option, done }: { position: string; option: string; done: () => void }) {
  const [date, setDate] = useState(today())
  const [note, setNote] = useState('')
  const asked = useAsking<{ text: string }>()
  const place = useRef<HTMLFormElement>(null)
  useEffect(() => {
    place.current?.scrollIntoView({ block: 'nearest' })
    place.current?.querySelector('input')?.focus()
  }, [])

  async function write(event: Event): Promise<void> {
    event.preventDefault()
    const opened = file.peek()
    if (!opened) return
    const { path, text } = opened
    const found = await asked.ask((signal) =>
      post('/api/happened', { path, text, position, value: option, date, note }, signal))
    if (!found || file.peek()?.text !== text) return
    eventIs(found.text, position)
    say(tr('{fact}, on {date}: this is in the file now. Save it to keep it. Undo in the editor takes it back.', {
      fact: factSaid(position, option), date,
    }))
    done()
  }

  return (
    <form class="happening" ref={place} onSubmit={(event) => void write(event)}>
      <Entry label={tr('This happened on')} kind="date" value={date} set={setDate} required />
      <Entry label={tr('Note (optional)')} value={note} set={setNote} maxLength={NOTE}
        hint={tr('It becomes a comment in the file.')} />
      <button type="submit" disabled={!fits.value || asked.since !== null}>{tr('Write into the file')}</button>
      <Working asked={asked} what={tr('Checking')} />
    </form>
  )
}

/** Today where the person is, as the file writes dates. */
function today(): string {
  const now = new Date()
  const two = (number: number): string => String(number).padStart(2, '0')
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`
}
