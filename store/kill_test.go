package store_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/store"
)

// childFolder names the folder of a process that writes to a store until it is killed.
const childFolder = "RINGBACK_STORE_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childFolder); dir != "" {
		if err := writeForever(dir); err != nil {
			fmt.Println("failed:", err)
		}
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// writeForever writes what is numbered and says each number when it is stored.
func writeForever(dir string) error {
	f, err := store.OpenFile(dir, &store.FileConfig{Sync: strings.HasSuffix(dir, "sync")})
	if err != nil {
		return err
	}
	revs := make(map[string]uint64)
	for i := 0; ; i++ {
		key := strconv.Itoa(i % 1000)
		val := []byte(strconv.Itoa(i) + strings.Repeat(" ", 1000))
		if revs[key], err = f.Put(context.Background(), key, val, revs[key], time.Time{}); err != nil {
			return err
		}
		fmt.Println(i)
	}
}

// Whatever a process was told to be stored is there when that was killed, kill -9, at any moment; and nobody else gets at it before.
func TestFileSurvivesKill(t *testing.T) {
	for _, name := range []string{"default", "sync"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir() + "/" + name
			for round := range 3 {
				last := killAfter(t, dir, 700*(round+1)+round*37)
				f, err := store.OpenFile(dir, nil)
				if err != nil {
					t.Fatal(err)
				}
				for i := max(0, last-999); i <= last; i++ {
					val, _, err := f.Get(t.Context(), strconv.Itoa(i%1000))
					n, _ := strconv.Atoi(strings.TrimSpace(string(val)))
					if err != nil || n < i || n%1000 != i%1000 {
						t.Fatalf("after %d was stored %d is %q, %v", last, i%1000, val, err)
					}
				}
				if err := f.Close(); err != nil {
					t.Fatal(err)
				}
				if err := os.RemoveAll(dir); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// killAfter has a process write to dir until it has said n numbers, kills it and returns the last one that it said.
func killAfter(t *testing.T, dir string, n int) (last int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childFolder+"="+dir)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	last = -1
	for s := bufio.NewScanner(out); s.Scan(); {
		i, err := strconv.Atoi(s.Text())
		if err != nil || i != last+1 {
			break // an error of its own, or half a number
		}
		if last = i; last == 10 {
			if _, err := store.OpenFile(dir, nil); !errors.Is(err, store.ErrInUse) {
				t.Errorf("a second process: %v, want ErrInUse", err)
			}
		}
		if last == n {
			if err := cmd.Process.Kill(); err != nil {
				t.Error(err)
			}
		}
	}
	_ = cmd.Wait() // it was killed
	if last < n {
		t.Fatalf("the process ended after %d numbers, want %d", last, n)
	}
	return last
}
