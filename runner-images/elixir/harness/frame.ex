defmodule Athanor.Harness.Frame do
  @moduledoc "Frames to the host: JSON behind a length, as runner-images/README.md describes them."

  @version 2

  @doc "The first frame of a container."
  def ready do
    %{
      op: :ready,
      v: @version,
      elixir: System.version(),
      otp: List.to_string(:erlang.system_info(:otp_release))
    }
  end

  @doc "Sends a frame."
  def send(port, frame), do: Port.command(port, encode(frame))

  @doc "A frame as JSON."
  def encode(frame), do: :json.encode(frame, &encoder/2)

  defp encoder(nil, _encode), do: "null"
  defp encoder(other, encode), do: :json.encode_value(other, encode)

  @doc "Bytes as a JSON string, or as base64 where they are not UTF-8."
  def bytes(binary) do
    if String.valid?(binary), do: binary, else: %{base64: Base.encode64(binary)}
  end

  @doc "Text cut to so many bytes at the border of a character, with a mark where something is missing."
  def cut(text, limit) when byte_size(text) <= limit, do: replace_invalid(text)

  def cut(text, limit) do
    {head, _} = split(text, limit)
    replace_invalid(head) <> "…"
  end

  defp replace_invalid(text), do: if(String.valid?(text), do: text, else: String.replace_invalid(text))

  @doc "Splits at so many bytes or up to three fewer, so that no UTF-8 character is cut in two."
  def split(binary, at) when byte_size(binary) <= at, do: {binary, ""}
  def split(binary, at), do: split_before(binary, at, 3)

  defp split_before(binary, at, tries) when tries > 0 and at > 0 do
    case binary do
      <<_::binary-size(^at), 0b10::2, _::bitstring>> -> split_before(binary, at - 1, tries - 1)
      _ -> :erlang.split_binary(binary, at)
    end
  end

  defp split_before(binary, at, _tries), do: :erlang.split_binary(binary, at)
end
