// The head of the page: the open file and whether it is saved, and the menus.

import { useEffect, useState } from 'preact/hooks'
import { token } from './api'
import { file } from './crisis'
import { browsing } from './gallery/gallery'
import { HelpMenu } from './help'
import { Menu } from './menu'
import { hello, say } from './session'
import { link } from './share'
import { FilesMenu } from './write/files'
import { saveOrSay } from './write/decisions'

export function Head() {
  const opened = file.value
  useEffect(() => {
    const keys = (event: KeyboardEvent): void => {
      if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === 's') {
        event.preventDefault()
        void saveOrSay()
      }
    }
    document.addEventListener('keydown', keys)
    return () => document.removeEventListener('keydown', keys)
  }, [])
  const state = !opened ? '' : opened.dirty ? 'not saved' : opened.writable ? 'saved' : 'read only'
  useEffect(() => {
    document.title = opened ? `${opened.dirty ? '* ' : ''}${opened.path} - Offramp` : 'Offramp'
  }, [opened?.path, opened?.dirty])
  return (
    <header class="head">
      <h1>Offramp</h1>
      <p class="opened">
        <span class="path">{opened?.path ?? ''}</span>{' '}
        <span class={`state ${opened?.dirty ? 'warn' : ''}`} role="status">{state}</span>
      </p>
      <div class="actions">
        <FilesMenu />
        <button type="button" aria-haspopup="dialog" onClick={() => (browsing.value = true)}>Gallery</button>
        <button type="button" title="Control S" disabled={!opened?.dirty} onClick={() => void saveOrSay()}>Save</button>
        <Menu name="Link" tour="link">{(close) => <Share close={close} />}</Menu>
        <HelpMenu />
      </div>
    </header>
  )
}

function Share({ close }: { close: () => void }) {
  const [key, withKey] = useState(false)
  const text = link(key ? token() : null)
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(text)
      say('The link is copied.')
      close()
    } catch {
      say('This browser does not let the page copy: select the link and copy it yourself.', 'error')
    }
  }
  return (
    <>
      <h2>A link to what you see</h2>
      <p>
        It opens this file with the inputs, levers and rationality that are set now.
        {file.value?.dirty ? ' Unsaved changes are not in it.' : ''}
      </p>
      <label class="wide">
        <span>The link</span>
        <input readOnly value={text} onFocus={(event) => event.currentTarget.select()} />
      </label>
      <label class="tick">
        <input type="checkbox" checked={key} onChange={(event) => withKey(event.currentTarget.checked)} />
        <span>
          Include the key to this workbench. Without it the link works only in a browser tab that has access already; with it,
          anybody who has the link can read and write {hello.value?.folder ?? 'the folder'}.
        </span>
      </label>
      <button type="button" class="main" onClick={() => void copy()}>Copy link</button>
    </>
  )
}
