#!/bin/sh
# Makes the PKCS#12 files of the tests, with OpenSSL and Java's keytool. They hold test keys only, valid until 2124.
# The password of all is `changeit`, except where the name says otherwise. Usage: cd here; sh make.sh
set -eu
days=36500
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days $days -subj '/CN=test authority' \
  -keyout "$work/ca.key" -out "$work/ca.pem" 2>/dev/null
leaf() { # NAME: a key and a certificate of the authority's
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" \
    -keyout "$work/$1.key" -out "$work/$1.csr" 2>/dev/null
  openssl x509 -req -in "$work/$1.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" -CAcreateserial -days $days \
    -out "$work/$1.pem" 2>/dev/null
}
leaf one
leaf two
export_() { openssl pkcs12 -export -in "$work/one.pem" -inkey "$work/one.key" -certfile "$work/ca.pem" "$@"; }
# AES-256 and HMAC-SHA-256, what OpenSSL 3 makes by itself.
export_ -name one -passout pass:changeit -out openssl-modern.p12
# RC2 for certificates, 3DES for the key, HMAC-SHA-1: what OpenSSL 1, older Java and Windows make.
export_ -name one -passout pass:changeit -legacy -out openssl-legacy.p12
# The password is not ASCII.
export_ -name one -passout pass:密码 -out chinese-password.p12
export_ -name one -passout pass: -out empty-password.p12
openssl pkcs12 -export -nokeys -in "$work/one.pem" -passout pass:changeit -out no-key.p12
openssl pkcs12 -export -nocerts -inkey "$work/one.key" -in "$work/one.pem" -passout pass:changeit -out no-certificate.p12
# Java: the key of its own making, certificate self-signed; modern, and as before Java 16.
keytool -genkeypair -keyalg RSA -keysize 2048 -alias client -dname CN=java -validity $days -storetype PKCS12 \
  -keystore keytool-modern.p12 -storepass changeit
keytool -J-Dkeystore.pkcs12.legacy -genkeypair -keyalg EC -groupname secp256r1 -alias client -dname CN=java \
  -validity $days -storetype PKCS12 -keystore keytool-legacy.p12 -storepass changeit
# Two keys, each with its certificate: nobody can say which one is meant.
for name in one two; do
  openssl pkcs12 -export -in "$work/$name.pem" -inkey "$work/$name.key" -name $name -passout pass:changeit \
    -out "$work/$name.p12"
  keytool -importkeystore -srckeystore "$work/$name.p12" -srcstoretype PKCS12 -srcstorepass changeit \
    -destkeystore two-keys.p12 -deststoretype PKCS12 -deststorepass changeit 2>/dev/null
done
