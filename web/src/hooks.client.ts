// Imported here and not by a component, so that the shell itself links the stylesheet: the page of a video looks right without scripts.
import "#lib/ui/css/fonts.css";
import "#lib/ui/css/tokens.css";
import "#lib/ui/css/base.css";
import "#lib/ui/css/keys.css";
import "#lib/ui/css/parts.css";
import "#lib/ui/css/shell.css";
import "#lib/ui/css/plain.css";
