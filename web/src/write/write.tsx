// The pane of the editor: decisions about the file, the text, and its mistakes.

import { useSignalEffect } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { checked, faults, file } from '../crisis'
import { Decisions } from './decisions'
import { begins, changedTo, editor, mounted, underline } from './editor'
import { Problems } from './problems'

export function Write() {
  const host = useRef<HTMLDivElement>(null)
  useEffect(() => (host.current ? mounted(host.current) : undefined), [])
  const shown = useRef<string | null>(null)
  useSignalEffect(() => {
    const view = editor.value
    const opened = file.value
    if (!view || !opened) return
    if (shown.current !== opened.path) {
      // saving under another name keeps the history of what was undone
      if (view.state.doc.toString() !== opened.text) begins(view, opened.text)
      shown.current = opened.path
    } else {
      changedTo(view, opened.text)
    }
  })
  useSignalEffect(() => {
    const said = faults.value
    const view = editor.value
    if (view && checked.value?.text === file.value?.text) underline(view, said)
  })
  return (
    <div class="writing">
      <Decisions />
      <div class="editor" ref={host} data-tour="editor" />
      <Problems />
    </div>
  )
}
