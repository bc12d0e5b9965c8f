/** The English sentences of the page that says how to trust this server. */
import type { Sentences } from "../sentences.ts";

export const trust = {
  "trust.android": "Android",
  "trust.android.text": "Open the downloaded file. Or: Settings, Security, Encryption & credentials, Install a certificate, CA certificate. Choose the file and confirm.",
  "trust.firefox": "Firefox",
  "trust.firefox.text": "Settings, Privacy & Security, View Certificates, Authorities, Import. Choose the file and tick “Trust this CA to identify websites”.",
  "trust.get": "1. Get the certificate of this server’s own authority.",
  "trust.ios": "iPhone and iPad",
  "trust.ios.text": "Allow the download. Settings, Profile Downloaded, Install.\nThen Settings, General, About, Certificate Trust Settings: switch Nonet on.",
  "trust.key": "Download the certificate",
  "trust.mac": "Mac",
  "trust.mac.text": "Open the file in Keychain Access, keychain “System”. Double-click it there; under Trust choose “Always Trust”.",
  "trust.plain": "Not encrypted yet",
  "trust.plain.text": "Whoever runs this server starts it with nonet up --https --host 0.0.0.0. Then this page shows how to trust it.",
  "trust.public": "Nothing to do here",
  "trust.public.text": "A public authority vouches for this address. Every browser trusts it already.",
  "trust.qr": "QR code of this page",
  "trust.qr.text": "This page on a phone",
  "trust.then": "2. Tell the device to trust it.",
  "trust.title": "Trust this server",
  "trust.undo": "It counts for this server alone: the authority’s key never leaves it. Take it away in the same place at any time.",
  "trust.why": "On a home or school network no public authority can vouch for an address, so this server has one of its own. Once a device trusts it, everything to this server is encrypted and recording from the camera works.",
  "trust.windows": "Windows",
  "trust.windows.text": "Open the file, Install Certificate, Current User, “Place all certificates in the following store”: Trusted Root Certification Authorities.",
} as const satisfies Sentences;
