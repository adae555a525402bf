#!/usr/bin/env bash
# Makes the certificates for tests, valid for a hundred years: an authority, a server for localhost, a client, and a client
# of an authority that nobody trusts. Secrets of no value: they are published here.
set -euo pipefail
cd "$(dirname "$0")"
days=36500
authority() { openssl req -x509 -newkey rsa:2048 -nodes -days $days -subj "/CN=$2" -keyout "$1.key" -out "$1.pem"; }
signed() { # name, common name, authority, extensions
  openssl req -newkey rsa:2048 -nodes -subj "/CN=$2" -keyout "$1.key" -out "$1.csr"
  openssl x509 -req -in "$1.csr" -CA "$3.pem" -CAkey "$3.key" -CAcreateserial -days $days -extfile <(printf "$4") -out "$1.pem"
}
authority ca 'Culvert test authority'
authority strange-ca 'Authority that nobody trusts'
signed server localhost ca 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n'
signed client drain-client ca 'extendedKeyUsage=clientAuth\n'
signed strange-client strange-client strange-ca 'extendedKeyUsage=clientAuth\n'
rm -f ./*.csr ./*.srl ca.key strange-ca.key strange-ca.pem
