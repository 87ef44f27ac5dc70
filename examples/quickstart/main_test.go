package main

func Example() {
	main()
	// Unordered output:
	// platform: published, 1 delivery
	// endpoint: busy, answers 503
	// endpoint: attempt 2, new contact ctc_1
	// platform: delivered at attempt 2
	// platform: published again, duplicate: true
	// endpoint: Siti Rahma writes "Paket saya sudah sampai mana?"
	// platform: the test was answered with 200
}
