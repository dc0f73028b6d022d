// What a draft is of: its document, its folder, its model, and paragraphs to read with care.

import type { DraftState } from './state'

export function DraftHead({ state }: { state: DraftState }) {
  const { document: read } = state
  return (
    <>
      <h2>{read.title || read.name}</h2>
      <p class="facts">
        <span>draft in {state.folder}</span>
        <span>{read.name}, {read.paragraphs.toLocaleString('en')} {read.paragraphs === 1 ? 'paragraph' : 'paragraphs'}</span>
        {state.as_of && <span>as of {state.as_of}</span>}
        {state.model && <span>model: {state.model}</span>}
      </p>
      {state.outcome === null && <Suspicious numbers={read.suspicious} />}
    </>
  )
}

export function Suspicious({ numbers }: { numbers: number[] }) {
  if (!numbers.length) return null
  return (
    <p class="warn">
      {numbers.length === 1 ? 'A paragraph reads' : `${numbers.length} paragraphs read`} like instructions to a language
      model: {numbers.slice(0, 20).map((number) => `¶${number}`).join(', ')}. Records that cite {numbers.length === 1 ? 'it' : 'them'} are marked in the review.
    </p>
  )
}

/** What was ignored in answers, or counts as ours. */
export function Remarks({ remarks }: { remarks: string[] }) {
  if (!remarks.length) return null
  return (
    <details>
      <summary>{remarks.length === 1 ? 'One remark' : `${remarks.length} remarks`} on the answers</summary>
      <ul class="remarks">{remarks.map((remark, place) => <li key={place}>{remark}</li>)}</ul>
    </details>
  )
}
