// "This is wrong", beside an answer.
