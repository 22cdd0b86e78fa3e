"""What three Python libraries say of a file, as JSON: soundfile (libsndfile), mutagen, wavinfo."""
import json
import sys

path, raw = sys.argv[1:3]


def attempt(read):
    try:
        return read()
    except ImportError:
        return {"here": False}
    except Exception as error:  # Whatever a library raises: it refused the file.
        return {"here": True, "refused": str(error)[:80] or type(error).__name__}


def soundfile():
    import soundfile

    info = soundfile.info(path)
    soundfile.read(path, dtype="float64", always_2d=True)[0].tofile(raw)
    bits = {"PCM_16": 16, "PCM_24": 24, "PCM_32": 32, "FLOAT": 32, "DOUBLE": 64}
    return {
        "here": True,
        "frames": info.frames,
        "rate_hz": info.samplerate,
        "channels": info.channels,
        "bits": bits.get(info.subtype),
        "raw": True,
    }


def mutagen():
    import mutagen

    file = mutagen.File(path)
    if file is None:
        raise ValueError("no type that it knows")
    tags = file.tags or {}

    def get(*keys):
        for key in keys:
            if key in tags:
                value = tags[key]
                return str(value[0] if isinstance(value, list) else value)
        return None

    found = {"here": True, "rate_hz": file.info.sample_rate, "channels": file.info.channels}
    found["bits"] = getattr(file.info, "bits_per_sample", None)
    found["frames"] = round(file.info.length * file.info.sample_rate)
    found["title"] = get("TIT2", "title")
    found["isrc"] = get("TSRC", "isrc")
    found["gain"] = get("TXXX:REPLAYGAIN_TRACK_GAIN", "replaygain_track_gain")
    return found


def wavinfo():
    import wavinfo

    # INFO lists have no encoding of their own; ours are UTF-8, as ffmpeg's are.
    info = wavinfo.WavInfoReader(path, info_encoding="utf-8")
    found = {"here": True, "rate_hz": info.fmt.sample_rate, "channels": info.fmt.channel_count}
    found["bits"] = info.fmt.bits_per_sample
    found["frames"] = info.data.frame_count
    if info.info is not None:
        found["title"] = info.info.title
    if info.bext is not None:
        found["loudness"] = [
            info.bext.loudness_value,
            info.bext.loudness_range,
            info.bext.max_true_peak,
            info.bext.max_momentary_loudness,
            info.bext.max_shortterm_loudness,
        ]
    return found


answers = {"soundfile": soundfile, "mutagen": mutagen, "wavinfo": wavinfo}
print(json.dumps({name: attempt(read) for name, read in answers.items()}))
