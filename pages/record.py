"""Who did what, when and from where, and what was before?"""

from pages.ui.record import record_list
from pages.ui.shared import widgets

widgets.title("Record", "Who did what, when and from where. Appended as it happens, never changed, never deleted.")
wanted = record_list.asked()
record_list.downloads(wanted)
record_list.show(wanted)
record_list.chain()
