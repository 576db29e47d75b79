// Verifies an access token with go-oidc: its issuer, its audience, its end and its signature by RS256.
//
//	main ISSUER JWKS_URI AUDIENCE TOKEN
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/coreos/go-oidc"
)

func main() {
	ctx := context.Background()
	keys := oidc.NewRemoteKeySet(ctx, os.Args[2])
	verifier := oidc.NewVerifier(os.Args[1], keys, &oidc.Config{ClientID: os.Args[3]})
	token, err := verifier.Verify(ctx, os.Args[4])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	json.NewEncoder(os.Stdout).Encode(map[string]interface{}{"sub": token.Subject, "aud": token.Audience})
}
