from hubroam.providers.progress import PACE, Progress


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def told(*pieces: str, step: float = 0.0) -> list[str]:
    lines: list[str] = []
    clock = Clock()
    progress = Progress(lines.append, clock)
    for piece in pieces:
        progress.feed(piece)
        clock.now += step
    return lines


def receiving(percent: int) -> str:
    return f"Receiving objects: {percent:3}% ({percent}/100), 1.20 MiB | 2.00 MiB/s\r"


def test_a_stage_is_told_at_a_pace():
    pieces = [receiving(percent) for percent in range(100)]
    assert len(told(*pieces)) == 1
    assert len(told(*pieces, step=PACE / 10)) == 10
    assert len(told(*pieces, step=PACE)) == 100


def test_the_end_of_each_stage_is_told_once():
    done = "Receiving objects: 100% (100/100), 3.00 MiB | 2.00 MiB/s, done.\n"
    assert told(receiving(1), done, done, "Resolving deltas: 100% (7/7), done.\n") == [
        receiving(1).strip(),
        done.strip(),
        "Resolving deltas: 100% (7/7), done.",
    ]


def test_lines_may_be_cut_anywhere():
    expected = ["Counting objects: 100% (3/3), done.", "Receiving objects: 100% (3/3), done."]
    text = f"remote: {expected[0]}  \n{expected[1]}\n"
    assert told(text) == told(*text) == expected


def test_what_a_server_says_of_its_own_is_not_told():
    assert told("remote: \x1b[31mSend money to me\n", "remote: Welcome: 1 done.\n") == []
    assert told("remote: Counting objects: 1 \x1b]0;pwned\x07, done.\n") == []


def test_a_line_without_end_is_not_kept():
    progress = Progress(lambda line: None)
    for _ in range(100):
        progress.feed("x" * 10_000)
    assert len(progress._rest) <= 1000
