// The fields of a record, to change it in the review.

import { useEffect, useRef, useState } from 'preact/hooks'
import { plain } from '../model'
import { tr } from '../texts'
import type { ReviewRecord } from './reviewing'

const LABELS: Record<string, string> = {
  says: tr('Claim'), is: tr('Value'), if: tr('Condition'), by: tr('Made by'), name: tr('Name'), wants: tr('Wants'),
  value: tr('Value'), to: tr('To'), happens_if: tr('Happens if'), seen_by: tr('Seen by'), together: tr('Together'),
  start: tr('Start'), becomes: tr('Becomes'), only_if: tr('Only if'), unit: tr('Unit'), odds: tr('Odds'), when: tr('When'),
  believed_by: tr('Believed by'), pays: tr('Pays'), cost: tr('Cost'),
}
const LONG = 60

export function Changing({ record, give, leave }: {
  record: ReviewRecord
  give: (change: Record<string, string>, stillQuoted: boolean) => void
  leave: () => void
}) {
  const [values, setValues] = useState(() => Object.fromEntries(record.fields.map(({ name, value }) => [name, value])))
  const [stillQuoted, setStillQuoted] = useState(false)
  const [said, tell] = useState('')
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => form.current?.querySelector<HTMLElement>('textarea, input')?.focus(), [])

  function submit(event: Event): void {
    event.preventDefault()
    const changed = record.fields.filter(({ name, value }) => values[name] !== value)
    if (changed.length) give(Object.fromEntries(changed.map(({ name }) => [name, values[name]!])), stillQuoted)
    else tell(tr('Nothing is changed yet.'))
  }

  return (
    <form class="card changing" ref={form} aria-label={tr('Change: {claim}', { claim: record.claim })} onSubmit={submit}>
      {record.fields.map(({ name, says, written, value: before }) => {
        const id = `change-${name}`
        const value = values[name] ?? ''
        const set = (text: string): void => setValues({ ...values, [name]: text })
        const label = LABELS[name] ?? plain(name).replace(/^./, (letter) => letter.toUpperCase())
        if (written === 'yes or no') {
          return (
            <label key={name} class="tick">
              <input type="checkbox" checked={value === 'yes'} onChange={(event) => set(event.currentTarget.checked ? 'yes' : 'no')} />
              <span>{says || label}</span>
            </label>
          )
        }
        const hint = [says, written === 'list' && tr('with commas between')].filter(Boolean).join('; ')
        return (
          <div class="field whole" key={name}>
            <label for={id}>{label}</label>
            {before.length > LONG || name === 'says'
              ? <textarea id={id} rows={2} value={value} aria-describedby={`${id}-hint`} onInput={(event) => set(event.currentTarget.value)} />
              : <input id={id} value={value} spellcheck={false} autocomplete="off" aria-describedby={`${id}-hint`} onInput={(event) => set(event.currentTarget.value)} />}
            <small id={`${id}-hint`}>{hint}</small>
          </div>
        )
      })}
      {record.passage && (
        <label class="tick">
          <input type="checkbox" checked={stillQuoted} onChange={(event) => setStillQuoted(event.currentTarget.checked)} />
          <span>{tr('The quote says what it claims now. Otherwise it becomes ours.')}</span>
        </label>
      )}
      <div class="buttons">
        <button type="submit" class="main">{tr('Change it')}</button>
        <button type="button" onClick={leave}>{tr('Leave it')}</button>
        <span class="note" role="status">{said}</span>
      </div>
    </form>
  )
}
