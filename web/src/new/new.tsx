// A new crisis by a few questions: the form, in a dialog. It writes a file, which is the person's own from then on.

import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { isAbort, post, put, Refused } from '../api'
import { openText } from '../crisis'
import { part, say } from '../session'
import { tr, trn } from '../texts'
import { leaves, yamlName } from '../write/files'
import { Field, WrongIn } from './asked'
import { emptyForm, fileName, requestOf } from './form'
import { dropKept, forming, keep, keptOrEmpty } from './kept'
import { Actors, Endings, Payoffs, Steps } from './sections'

interface Answer {
  text: string | null
  faults: { at: string; message: string }[]
  actor_keys: string[]
}

const WAIT = 250

export function NewCrisis() {
  return forming.value ? <FormDialog /> : null
}

function FormDialog() {
  const dialog = useRef<HTMLDialogElement>(null)
  const [form, setForm] = useState(keptOrEmpty)
  const [answer, setAnswer] = useState<Answer>({ text: null, faults: [], actor_keys: [] })
  const [all, askAll] = useState(false)
  const [refused, setRefused] = useState<string | null>(null)

  useLayoutEffect(() => {
    dialog.current?.showModal()
    dialog.current?.querySelector('input')?.focus()
  }, [])
  useEffect(() => {
    keep(form)
    const asking = new AbortController()
    const waiting = window.setTimeout(() => {
      void post<Answer>('/api/new', requestOf(form), asking.signal).then(setAnswer, (error) => {
        if (!isAbort(error)) setRefused((error as Error).message)
      })
    }, WAIT)
    return () => {
      window.clearTimeout(waiting)
      asking.abort()
    }
  }, [form])

  function change(next: typeof form): void {
    setRefused(null)
    setForm(next)
  }

  async function write(event: Event): Promise<void> {
    event.preventDefault()
    askAll(true)
    setRefused(null)
    try {
      const said = await post<Answer>('/api/new', requestOf(form))
      setAnswer(said)
      if (said.text === null) {
        requestAnimationFrame(() => requestAnimationFrame(() =>
          dialog.current?.querySelector<HTMLElement>('[aria-invalid], .fault')?.focus()))
        return
      }
      if (!leaves()) return
      const path = yamlName(fileName(form))
      const saved = await put<{ path: string; sha: string }>('/api/file', { path, text: said.text, was: null })
      openText(saved.path, said.text, saved.sha, true)
      dropKept()
      forming.value = false
      part.value = 'see'
      say(tr('{file} is written. From now on it is yours: change it in Write.', { file: saved.path }))
    } catch (error) {
      const taken = error instanceof Refused && error.status === 409
      setRefused(taken
        ? tr('There is a file {file} already: give the new one another name.', { file: yamlName(fileName(form)) })
        : (error as Error).message)
    }
  }

  const faults = new Map(answer.faults.map(({ at, message }) => [at, message]))
  return (
    <dialog class="new-crisis" ref={dialog} aria-labelledby="new-heading" onClose={() => (forming.value = false)}>
      <WrongIn.Provider value={{ faults, all }}>
        <form noValidate onSubmit={(event) => void write(event)}>
          <header>
            <h2 id="new-heading">{tr('A new crisis')}</h2>
            <button type="button" onClick={() => dialog.current?.close()}>{tr('Close')}</button>
          </header>
          <p class="note">
            {tr('Answer what you know; you can change everything in the file later. This browser keeps your answers until the ' +
              'file is written.')}
          </p>
          <Field at="title" label={tr('Title')} value={form.title} wide example={tr('such as The rig on the reef')}
            set={(title) => change({ ...form, title })} />
          <Actors form={form} set={change} keys={answer.actor_keys} />
          <Steps form={form} set={change} />
          <Endings form={form} set={change} />
          <Payoffs form={form} set={change} />
          <details class="so-far">
            <summary>{tr('The file so far')}</summary>
            <pre tabIndex={0} aria-label={tr('The file so far')}>
              {answer.text ?? tr('It appears here once every question has an answer.')}
            </pre>
          </details>
          <footer>
            <div class="asked wide">
              <label for="new-file">{tr('File')}</label>
              <input id="new-file" value={form.file} placeholder={fileName(form)} spellcheck={false} autocomplete="off"
                onInput={(event) => change({ ...form, file: event.currentTarget.value })} />
            </div>
            <button type="submit" class="main">{tr('Write the file')}</button>
            <button type="button"
              onClick={() => {
                if (!window.confirm(tr('Take out all answers?'))) return
                askAll(false)
                change(emptyForm())
              }}>{tr('Start over')}</button>
            {refused && <p class="refused" role="alert">{refused}</p>}
            {all && !refused && faults.size > 0 && (
              <p class="refused" role="alert">
                {trn('One answer is missing or wrong: it is marked.', '{count} answers are missing or wrong: they are marked.', faults.size)}
              </p>
            )}
          </footer>
        </form>
      </WrongIn.Provider>
    </dialog>
  )
}
