"""A small WebKitGTK browser with a profile on disk, for the fault suite.

It reads commands as JSON lines from stdin ({"id", "command", ...}) and answers each on file descriptor 3: {"id", "value"}
or {"id", "error"}. Events of tabs are {"notice", "tab", ...}. WebKit writes the console lines of pages to stdout. The only
argument is a JSON object: "profile" (a folder), "quotaBytes" (a limit for each origin) and "isBlocked" (pages may store
nothing).
"""

import json
import os
import sys

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("WebKit2", "4.1")
from gi.repository import GLib, Gtk, WebKit2  # noqa: E402


def write(message):
    os.write(3, (json.dumps(message) + "\n").encode())


def make_context(wish):
    """Keeps all data in the profile. WebKit takes a quota only as a share of the disk."""
    folders = {
        "base_data_directory": os.path.join(wish["profile"], "data"),
        "base_cache_directory": os.path.join(wish["profile"], "cache"),
    }
    if "quotaBytes" in wish:
        disk = os.statvfs(wish["profile"])
        folders["origin_storage_ratio"] = wish["quotaBytes"] / (disk.f_blocks * disk.f_frsize)
    manager = WebKit2.WebsiteDataManager(**folders)
    if wish.get("isBlocked"):
        manager.get_cookie_manager().set_accept_policy(WebKit2.CookieAcceptPolicy.NEVER)
    context = WebKit2.WebContext.new_with_website_data_manager(manager)
    context.set_cache_model(WebKit2.CacheModel.WEB_BROWSER)
    return context


def make_settings(wish):
    settings = WebKit2.Settings()
    settings.set_enable_write_console_messages_to_stdout(True)
    settings.set_enable_page_cache(True)
    settings.set_hardware_acceleration_policy(WebKit2.HardwareAccelerationPolicy.NEVER)
    if wish.get("isBlocked"):
        settings.set_enable_html5_local_storage(False)
        settings.set_enable_html5_database(False)
    return settings


class Shell:
    """Tabs by number. Each tab is a separate window, so that a tab can be hidden while the others stay visible."""

    def __init__(self, wish):
        self.context = make_context(wish)
        self.settings = make_settings(wish)
        self.views = {}
        self.unread = b""
        GLib.unix_fd_add_full(GLib.PRIORITY_DEFAULT, 0, GLib.IOCondition.IN | GLib.IOCondition.HUP, self.on_input)

    def on_input(self, _descriptor, _condition):
        data = os.read(0, 65536)
        if not data:
            Gtk.main_quit()
            return False
        *lines, self.unread = (self.unread + data).split(b"\n")
        for line in lines:
            self.obey(json.loads(line))
        return True

    def obey(self, message):
        number = message["id"]
        try:
            if message["command"] == "run":
                self.run(number, message)
            else:
                write({"id": number, "value": getattr(self, "do_" + message["command"])(message)})
        except Exception as error:
            write({"id": number, "error": repr(error)})

    def do_open(self, message):
        tab = len(self.views) + 1
        view = WebKit2.WebView(web_context=self.context, settings=self.settings)
        window = Gtk.Window()
        window.set_default_size(800, 600)
        window.add(view)
        self.views[tab] = view
        view.connect("load-changed", self.on_load, tab)
        view.connect("close", self.on_close, tab)
        view.connect("script-dialog", self.on_dialog)
        view.connect("web-process-terminated", self.on_crash, tab)
        window.show_all()
        view.load_uri(message["url"])
        return tab

    def do_load(self, message):
        self.views[message["tab"]].load_uri(message["url"])

    def do_back(self, message):
        self.views[message["tab"]].go_back()

    def do_reload(self, message):
        self.views[message["tab"]].reload()

    def do_hide(self, message):
        self.views[message["tab"]].get_toplevel().hide()

    def do_close(self, message):
        """Closes a tab as a person does: `beforeunload` may ask, and the tab closes when the page agrees."""
        self.views[message["tab"]].try_close()

    def do_quit(self, _message):
        """Ends the browser as a person does: every tab is closed first."""
        for view in list(self.views.values()):
            if view is not None:
                view.try_close()
        GLib.idle_add(self.quit_when_closed)

    def quit_when_closed(self):
        if any(view is not None for view in self.views.values()):
            return True
        Gtk.main_quit()
        return False

    def run(self, number, message):
        """Runs the body of an async function in the page, and answers with its result."""
        view = self.views[message["tab"]]

        def on_done(_view, result):
            try:
                value = view.call_async_javascript_function_finish(result)
                text = value.to_json(0) if value is not None else None
                write({"id": number, "value": json.loads(text) if text else None})
            except Exception as error:
                write({"id": number, "error": str(error)})

        view.call_async_javascript_function(message["body"], -1, None, None, None, None, on_done)

    def on_load(self, view, event, tab):
        write({"notice": event.value_nick, "tab": tab, "url": view.get_uri()})

    def on_close(self, view, tab):
        self.views[tab] = None
        view.get_toplevel().destroy()
        write({"notice": "closed", "tab": tab})

    def on_crash(self, _view, reason, tab):
        write({"notice": "crashed", "tab": tab, "reason": reason.value_nick})

    def on_dialog(self, _view, dialog):
        if dialog.get_dialog_type() == WebKit2.ScriptDialogType.BEFORE_UNLOAD_CONFIRM:
            dialog.confirm_set_confirmed(True)
        return True


shell = Shell(json.loads(sys.argv[1]))
write({"notice": "up", "tab": 0})
Gtk.main()
