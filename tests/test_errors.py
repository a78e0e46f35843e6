import re

from hubroam import errors


def tree(cls=errors.HubroamError):
    yield cls
    for sub in cls.__subclasses__():
        if sub.__module__ == errors.__name__:
            yield from tree(sub)


def test_every_error_has_a_code_of_its_own():
    codes = [cls.code for cls in tree()]
    assert len(codes) == len(set(codes))
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", code) for code in codes)


def test_the_drawn_tree_is_the_tree():
    drawn = dict(re.findall(r"[├└]── (\w+)\s+([a-z-]+)", errors.__doc__))
    assert drawn == {cls.__name__: cls.code for cls in tree() if cls is not errors.HubroamError}


def test_statuses_are_http_errors():
    assert all(400 <= cls.status < 600 for cls in tree())


def test_json():
    error = errors.RefNotFound("There is no branch x.", next_step="Check its name.")
    assert error.to_json() == {
        "code": "ref-not-found",
        "message": "There is no branch x.",
        "next_step": "Check its name.",
    }
