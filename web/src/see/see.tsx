// See and vary: the endings stay visible; below them the controls and the timeline.

import { HiddenEndings, hidesEndings } from '../draft/first'
import { tr } from '../texts'
import { SideBySide } from './beside'
import { drawer } from './drawer'
import { Endings } from './endings'
import { Lead } from './lead'
import { PassageDrawer } from './passage'
import { side } from './side'
import { Timeline } from './timeline'
import { Vary } from './vary'
import { WhyDrawer } from './why'

export function See() {
  const opened = drawer.value
  if (hidesEndings.value) return <HiddenEndings />
  return (
    <div class="seeing">
      <Lead />
      <Endings />
      <div class="sides" role="group" aria-label={tr('Below the endings')}>
        <button type="button" aria-pressed={side.value === 'vary'} onClick={() => (side.value = 'vary')}>{tr('Vary')}</button>
        <button type="button" aria-pressed={side.value === 'timeline'} onClick={() => (side.value = 'timeline')}>{tr('Timeline')}</button>
      </div>
      <div class="below" data-side={side.value}>
        <div class="side vary"><Vary /></div>
        <div class="side play"><Timeline /></div>
        {opened?.kind === 'passage' && <PassageDrawer asked={opened.asked} />}
        {opened?.kind === 'scenarios' && <SideBySide />}
        {opened?.kind === 'why' && <WhyDrawer asked={opened.asked} />}
      </div>
    </div>
  )
}
