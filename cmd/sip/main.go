// Command sip is the stack in one program: a server that answers calls, and the requests to try any server
// with by hand. `sip -h` lists the commands, `sip call -h` says everything about one.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, cancel := context.WithCancel(context.Background())
	first := make(chan os.Signal, 1)
	signal.Notify(first, os.Interrupt, syscall.SIGTERM)
	go func() {
		// The first signal is a wish that the command grants in its own time. Before anything can be seen of that the
		// system's default stands again, so that a second one ends the program at once.
		<-first
		signal.Stop(first)
		cancel()
	}()
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
