// The page without a token: asks for the link, or for the password if the server has one.

import { useState } from 'preact/hooks'
import { keepToken, post } from './api'
import { tr, woven } from './texts'

export function Door({ reason, enter }: { reason: string | null; enter: () => Promise<void> }) {
  const [said, say] = useState(reason)
  const [password, setPassword] = useState('')
  async function ask(event: Event): Promise<void> {
    event.preventDefault()
    try {
      keepToken((await post<{ token: string }>('/api/enter', { password })).token)
      await enter()
    } catch (error) {
      say((error as Error).message)
    }
  }
  return (
    <main class="door">
      <h1>Offramp</h1>
      <p>
        {woven('Open the link that {command} printed: it carries the key to this workbench. If you were given a password, ' +
          'enter it here.', { command: <code>offramp app</code> })}
      </p>
      {said && <p role="alert">{said}</p>}
      <form onSubmit={(event) => void ask(event)}>
        <label>
          {tr('Password')}{' '}
          <input type="password" value={password} autocomplete="current-password"
            onInput={(event) => setPassword(event.currentTarget.value)} />
        </label>{' '}
        <button type="submit">{tr('Enter')}</button>
      </form>
    </main>
  )
}
