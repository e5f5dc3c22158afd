package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/ringback-sip/ringback/auth"
	"github.com/ringback-sip/ringback/ua"
)

// users are the passwords of those who may use the server, by name. Nil: nobody is asked.
type users map[string]string

// readUsers reads a file with user:password on each line. Empty lines and those that begin with # say nothing; a password may have colons.
func readUsers(name string) (users, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	all := make(users)
	n := 0
	for line := range strings.Lines(string(data)) {
		n++
		line = strings.TrimRight(line, "\r\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		user, password, ok := strings.Cut(line, ":")
		_, twice := all[user]
		switch {
		case !ok || user == "" || password == "":
			return nil, fmt.Errorf("%s:%d: want user:password", name, n) // and not what stands there, which is a secret
		case twice:
			return nil, fmt.Errorf("%s:%d: user %s stands there twice", name, n, user)
		}
		all[user] = password
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: no users, so that nobody could get in", name)
	}
	return all, nil
}

// algorithms is the value of -digest.
type algorithms []auth.Algorithm

func (a *algorithms) String() string {
	var names []string
	for _, x := range *a {
		names = append(names, x.String())
	}
	return strings.Join(names, ",")
}

func (a *algorithms) Set(s string) error {
	x := auth.ParseAlgorithm([]byte(s))
	if x == 0 || strings.HasSuffix(x.String(), "-sess") { // which add nothing where each request is verified alone
		return errors.New("want SHA-512-256, SHA-256 or MD5")
	}
	if slices.Contains(*a, x) {
		return errors.New("it was given before")
	}
	*a = append(*a, x)
	return nil
}

// guard returns the Handler that lets nobody pass who is no user: whatever the request, but for ACK and CANCEL (RFC 3261, Section 22.1).
// Nil algorithms are MD5: baresip 1.0 and JsSIP give up on SHA-256, and on SHA-256 beside MD5.
func (u users) guard(realm string, algorithms []auth.Algorithm) (ua.Handler, error) {
	if algorithms == nil {
		algorithms = []auth.Algorithm{auth.MD5}
	}
	s, err := auth.NewServer(&auth.ServerConfig{
		Realm:      realm,
		Algorithms: algorithms,
		Secret: func(name, _ string) (auth.Secret, bool) {
			password, ok := u[name]
			return auth.Secret{Password: password}, ok
		},
	})
	if err != nil {
		return nil, err
	}
	return ua.Authenticate(s), nil
}
