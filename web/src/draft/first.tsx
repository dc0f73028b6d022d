// What a drafted crisis is, said before everything else while it is not read, and its endings, hidden until then.

import { computed } from '@preact/signals'
import { file } from '../crisis'
import { tr } from '../texts'
import { folderOf, openDraft, showEndings, shownEarly } from './state'

/** The line above the parts. */
export function IsDraft() {
  const opened = file.value
  if (!opened?.draft) return null
  return (
    <aside class="is-draft across" aria-label={tr('This crisis is a draft')}>
      <p>
        <b>{opened.draft.slice(0, 1).toUpperCase()}{opened.draft.slice(1)}.</b>{' '}
        {tr('A language model wrote it from one document. That its quotes stand there is checked. That they support what is ' +
          'assumed is not, before a person has read them. It is no forecast.')}
      </p>
      <button type="button" onClick={() => openDraft(folderOf(opened.path))}>{tr('Review it')}</button>
    </aside>
  )
}

/** Whether the endings of the open crisis are hidden: it is a draft that is not read, and nobody has asked for them. */
export const hidesEndings = computed(() => {
  const opened = file.value
  return Boolean(opened?.draft) && !shownEarly.value.includes(opened!.path)
})

/** Stands in the place of the endings while they are hidden. */
export function HiddenEndings() {
  const path = file.value?.path
  if (path === undefined) return null
  return (
    <div class="desk">
      <section class="card" aria-labelledby="hidden-heading">
        <h2 id="hidden-heading">{tr('The endings are hidden')}</h2>
        <p>
          {tr('This is a draft, and not all of its assumptions are read. The endings stay hidden until then, so that they do ' +
            'not sway what you accept.')}
        </p>
        <div class="buttons">
          <button type="button" class="main" onClick={() => openDraft(folderOf(path))}>{tr('Review the assumptions')}</button>
          <button type="button" onClick={() => showEndings(path)}>{tr('Show the endings now')}</button>
        </div>
      </section>
    </div>
  )
}
