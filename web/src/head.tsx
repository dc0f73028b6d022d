// The head of the page: the open file and whether it is saved, and the menus.

import { useEffect, useState } from 'preact/hooks'
import { token } from './api'
import { file } from './crisis'
import { browsing } from './gallery/gallery'
import { HelpMenu } from './help'
import { Menu } from './menu'
import { hello, say } from './session'
import { link } from './share'
import { tr } from './texts'
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
  const state = !opened ? '' : opened.dirty ? tr('not saved') : opened.writable ? tr('saved') : tr('read only')
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
        <button type="button" aria-haspopup="dialog" onClick={() => (browsing.value = true)}>{tr('Gallery')}</button>
        <button type="button" title={tr('Control S')} disabled={!opened?.dirty} onClick={() => void saveOrSay()}>
          {tr('Save')}
        </button>
        <Menu name={tr('Link')} tour="link">{(close) => <Share close={close} />}</Menu>
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
      say(tr('The link is copied.'))
      close()
    } catch {
      say(tr('This browser does not let the page copy: select the link and copy it yourself.'), 'error')
    }
  }
  return (
    <>
      <h2>{tr('A link to what you see')}</h2>
      <p>
        {tr('It opens this file with the inputs, levers and rationality that are set now.')}
        {file.value?.dirty && ` ${tr('Unsaved changes are not in it.')}`}
      </p>
      <label class="wide">
        <span>{tr('The link')}</span>
        <input readOnly value={text} onFocus={(event) => event.currentTarget.select()} />
      </label>
      <label class="tick">
        <input type="checkbox" checked={key} onChange={(event) => withKey(event.currentTarget.checked)} />
        <span>
          {tr('Include the key to this workbench. Without it the link works only in a browser tab that has access already; ' +
            'with it, anybody who has the link can read and write {folder}.', { folder: hello.value?.folder ?? '' })}
        </span>
      </label>
      <button type="button" class="main" onClick={() => void copy()}>{tr('Copy link')}</button>
    </>
  )
}
