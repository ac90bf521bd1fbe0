// Command echo is a backend that answers with what it knows of itself and of the request. Its image holds nothing
// else, so it is also what looks around in a container: `echo get URL` asks another server, `echo read FILE` prints a
// file. It goes on answering for as long as it gets no signal, and ends at once on SIGTERM.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// Answer is the body of every response.
type Answer struct {
	Host    string      `json:"host"`
	User    int         `json:"user"`
	Version string      `json:"version"`
	From    string      `json:"from"`
	Method  string      `json:"method"`
	Target  string      `json:"target"`
	Header  http.Header `json:"header"`
}

func main() {
	if len(os.Args) == 3 && os.Args[1] == "get" {
		get(os.Args[2])
		return
	}
	if len(os.Args) == 3 && os.Args[1] == "read" {
		read(os.Args[2])
		return
	}
	serve()
}

func get(url string) {
	client := http.Client{Timeout: 5 * time.Second}
	response, err := client.Get(url)
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	fmt.Fprintln(os.Stderr, response.Status)
	if _, err := io.Copy(os.Stdout, response.Body); err != nil {
		log.Fatal(err)
	}
}

func read(file string) {
	content, err := os.ReadFile(file)
	if err != nil {
		log.Fatal(err)
	}
	os.Stdout.Write(content)
}

func answer(writer http.ResponseWriter, request *http.Request) {
	host, err := os.Hostname()
	if err != nil {
		log.Fatal(err)
	}
	writer.Header().Set("Content-Type", "application/json")
	json.NewEncoder(writer).Encode(Answer{
		Host:    host,
		User:    os.Getuid(),
		Version: os.Getenv("VERSION"),
		From:    request.RemoteAddr,
		Method:  request.Method,
		Target:  request.RequestURI,
		Header:  request.Header,
	})
}

func serve() {
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGTERM)
	go func() {
		log.Println("ends on", <-ended)
		os.Exit(0)
	}()
	http.HandleFunc("/", answer)
	log.Println("listens on :8080")
	log.Fatal(http.ListenAndServe(":8080", nil))
}
